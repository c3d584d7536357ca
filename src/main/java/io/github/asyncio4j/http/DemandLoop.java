package io.github.asyncio4j.http;

import java.util.function.Consumer;

/**
 * Reads as far as bytes and demand allow. What a step sets off may ask for another one: that follows it and does not run
 * inside it. On the event loop only.
 */
final class DemandLoop {

    private final Step step;
    private final Consumer<ClientException> refuse;
    private boolean running;
    private boolean again;

    interface Step {
        void run() throws ClientException;
    }

    /** @param refuse gets what a step fails with, which ends this run */
    DemandLoop(Step step, Consumer<ClientException> refuse) {
        this.step = step;
        this.refuse = refuse;
    }

    void run() {
        if (running) {
            again = true;
            return;
        }
        running = true;
        try {
            do {
                again = false;
                step.run();
            } while (again);
        } catch (ClientException e) {
            refuse.accept(e);
        } finally {
            running = false;
        }
    }
}
