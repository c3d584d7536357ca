package io.github.asyncio4j.resource;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** A resource that opens while its user leaves is closed once, and once only. */
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "opened and closed")
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "the opening was cancelled before it gave anything")
@Outcome(expect = Expect.FORBIDDEN, desc = "left open, or closed twice")
@State
public class ResourceStress {

    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();
    private final Sinks.Empty<Void> opening = Sinks.empty();
    private final Disposable using = AsyncResource.of(
                    opening.asMono().then(Mono.fromCallable(opened::incrementAndGet)),
                    resource -> Mono.fromRunnable(closed::incrementAndGet))
            .use(resource -> Mono.never())
            .subscribe();

    @Actor
    public void open() {
        opening.tryEmitEmpty();
    }

    @Actor
    public void leave() {
        using.dispose();
    }

    @Arbiter
    public void balance(II_Result result) {
        result.r1 = opened.get();
        result.r2 = closed.get();
    }
}
