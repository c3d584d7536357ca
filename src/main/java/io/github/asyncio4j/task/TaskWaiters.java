package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.Waiter;
import io.github.asyncio4j.internal.WaiterQueue;

/** Everybody who wants to know when a task has ended, in the order of their asking. */
final class TaskWaiters extends WaiterQueue<Waiter> {

    final DefaultTask<?> task;

    TaskWaiters(DefaultTask<?> task) {
        super(task, Integer.MAX_VALUE, null);
        this.task = task;
    }

    @Override
    protected boolean tryTake(Waiter waiter) {
        return task.isDone();
    }

    @Override
    public String toString() {
        return task.toString();
    }
}
