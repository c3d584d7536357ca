package io.github.asyncio4j.sync;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;

/** The time limit passes while the permit is granted. */
@JCStressTest
@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "granted: the permit is held")
@Outcome(id = "0, 1, 1", expect = Expect.ACCEPTABLE, desc = "timed out: the permit is free")
@Outcome(expect = Expect.FORBIDDEN, desc = "both, neither, or a lost permit")
@State
public class AcquireTimeoutStress {

    private final Timer timer = new Timer();
    private final AsyncSemaphore semaphore =
            AsyncSemaphore.builder().permits(1).scheduler(timer).build();
    private final Permit held = semaphore.tryAcquire().orElseThrow();
    private volatile int granted;
    private volatile int timedOut;

    public AcquireTimeoutStress() {
        semaphore.acquire(1, Duration.ofSeconds(1)).subscribe(permit -> granted = 1, error -> timedOut = 1);
    }

    @Actor
    public void release() {
        held.release();
    }

    @Actor
    public void limit() {
        timer.limit.run();
    }

    @Arbiter
    public void fates(III_Result result) {
        result.r1 = granted;
        result.r2 = timedOut;
        result.r3 = semaphore.available();
    }

    /** Runs at once what is due at once, and the limit when told. */
    private static final class Timer implements Scheduler {

        private Runnable limit = () -> {};

        @Override
        public Disposable schedule(Runnable task) {
            task.run();
            return Disposables.disposed();
        }

        @Override
        public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
            limit = task;
            return Disposables.single();
        }

        @Override
        public Worker createWorker() {
            throw new UnsupportedOperationException();
        }
    }
}
