package io.github.asyncio4j.queue;

import java.io.Serial;

/**
 * A put into a queue that was shut down, or a take from one that was shut down and has nothing left. asyncio calls it
 * {@code QueueShutDown}.
 */
public class QueueShutdownException extends IllegalStateException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final String queue;

    QueueShutdownException(String queue, String what) {
        super(queue + " is shut down" + what);
        this.queue = queue;
    }

    /** The queue, by kind and name: {@code AsyncQueue 'jobs'}. */
    public String queue() {
        return queue;
    }
}
