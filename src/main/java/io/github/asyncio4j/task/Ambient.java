package io.github.asyncio4j.task;

import java.util.concurrent.atomic.AtomicReference;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/** What surrounds a task that is started outside of any pipeline. */
final class Ambient {

    private Ambient() {}

    /** The ThreadLocals of the calling thread, if Reactor's automatic context propagation is on; else nothing. */
    static Context capture() {
        if (!Hooks.isAutomaticContextPropagationEnabled()) {
            return Context.empty();
        }
        AtomicReference<ContextView> captured = new AtomicReference<>(Context.empty());
        Mono.deferContextual(Mono::just).contextCapture().subscribe(captured::set);
        return Context.of(captured.get());
    }
}
