package io.github.asyncio4j.sync;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;

/**
 * Runs at once what is due at once, and what is due later when told: a clock that can strike in the middle of a race,
 * which {@code VirtualTimeScheduler} cannot (it loses what is scheduled while time advances).
 */
final class ManualTimer implements Scheduler {

    private final ConcurrentLinkedQueue<Alarm> alarms = new ConcurrentLinkedQueue<>();

    private record Alarm(Runnable task, Disposable handle) {}

    /** Time passes: all that is due later and was not disposed of runs. */
    void strike() {
        for (Alarm alarm = alarms.poll(); alarm != null; alarm = alarms.poll()) {
            if (!alarm.handle().isDisposed()) {
                alarm.task().run();
            }
        }
    }

    @Override
    public Disposable schedule(Runnable task) {
        task.run();
        return Disposables.disposed();
    }

    @Override
    public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
        Alarm alarm = new Alarm(task, Disposables.single());
        alarms.add(alarm);
        return alarm.handle();
    }

    @Override
    public Worker createWorker() {
        throw new UnsupportedOperationException();
    }
}
