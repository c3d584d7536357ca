package io.github.asyncio4j.testing;

import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;

/**
 * A clock that can strike in the middle of a race. {@code VirtualTimeScheduler} cannot: it looks at its first timer and
 * then removes whatever is first by that time, so that a timer disposed of in between takes the one behind it along.
 */
public final class RaceClock implements Scheduler {

    private final PriorityBlockingQueue<Timer> timers =
            new PriorityBlockingQueue<>(11, Comparator.comparingLong(Timer::at));
    private final AtomicLong nanos = new AtomicLong();

    private record Timer(Runnable task, long at, Disposable handle) {}

    /** Time passes: all that is due by then and was not disposed of runs, on this thread. */
    public void advanceTimeBy(Duration time) {
        long now = nanos.addAndGet(time.toNanos());
        for (Timer timer = timers.poll(); timer != null; timer = timers.poll()) {
            if (timer.at > now) {
                timers.add(timer);
                return;
            }
            if (!timer.handle.isDisposed()) {
                timer.task.run();
            }
        }
    }

    /** Timers that are still set. */
    public int pending() {
        return (int) timers.stream().filter(timer -> !timer.handle.isDisposed()).count();
    }

    @Override
    public long now(TimeUnit unit) {
        return unit.convert(nanos.get(), TimeUnit.NANOSECONDS);
    }

    @Override
    public Disposable schedule(Runnable task) {
        task.run();
        return Disposables.disposed();
    }

    @Override
    public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
        Timer timer = new Timer(task, nanos.get() + unit.toNanos(delay), Disposables.single());
        timers.add(timer);
        return timer.handle();
    }

    @Override
    public Worker createWorker() {
        throw new RejectedExecutionException("this clock has no workers");
    }
}
