package io.github.asyncio4j.sync;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** A signal that meets the cancel of the one it wakes reaches the next, and the lock is free afterwards. */
@JCStressTest
@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "the first was woken")
@Outcome(id = "0, 1, 0", expect = Expect.ACCEPTABLE, desc = "the first left, the second was woken")
@Outcome(expect = Expect.FORBIDDEN, desc = "a lost or doubled signal, or a lock that stays held")
@State
public class ConditionStress {

    private final AsyncLock lock = AsyncLock.create();
    private final AsyncCondition condition = lock.newCondition();
    private final AtomicInteger first = new AtomicInteger();
    private final AtomicInteger second = new AtomicInteger();
    private final Disposable waiting = await(first).subscribe();

    public ConditionStress() {
        await(second).subscribe();
    }

    private Mono<Void> await(AtomicInteger woken) {
        return condition.withLock(held -> held.await().then(Mono.fromRunnable(woken::incrementAndGet)));
    }

    @Actor
    public void signal() {
        condition.withLock(held -> Mono.fromRunnable(() -> held.signal(1))).subscribe();
    }

    @Actor
    public void cancel() {
        waiting.dispose();
    }

    @Arbiter
    public void balance(III_Result result) {
        result.r1 = first.get();
        result.r2 = second.get();
        result.r3 = lock.isLocked() ? 1 : 0;
    }
}
