package io.github.asyncio4j.sync;

/** Those who wait for a signal. Nobody is let in but by one, and a signal with nobody in line is gone. */
final class ConditionLine extends SignalLine<MonoAwait.Awaiting> {

    // Guarded by the lock.
    private int signals;

    ConditionLine(String label, int maxWaiters) {
        // No Scheduler: who is signalled only changes lines here, he goes on where the lock wakes him.
        super(label, maxWaiters, null);
    }

    @Override
    protected boolean tryTake(MonoAwait.Awaiting waiter) {
        if (signals == 0) {
            return false;
        }
        signals--;
        return true;
    }

    void signal(int n) {
        MonoAwait.Awaiting chain;
        synchronized (lock) {
            signals = n;
            chain = takeable();
            signals = 0;
        }
        wake(chain);
    }
}
