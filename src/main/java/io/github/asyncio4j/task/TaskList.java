package io.github.asyncio4j.task;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The live tasks of one owner, in order of creation; also the owner's lock. A task that ended leaves no trace. */
final class TaskList {

    private @Nullable DefaultTask<?> head;
    private @Nullable DefaultTask<?> tail;
    private @Nullable DefaultTask<?> waiting;
    private int size;

    /** Adds a task that starts right away. Under the lock, as all below. */
    void add(DefaultTask<?> task) {
        task.listed = true;
        task.previous = tail;
        if (tail == null) {
            head = task;
        } else {
            tail.next = task;
        }
        tail = task;
        size++;
    }

    /** Adds a task that is to wait for its turn: those who wait are always the newest of the list. */
    void addWaiting(DefaultTask<?> task) {
        task.waiting = true;
        add(task);
        if (waiting == null) {
            waiting = task;
        }
    }

    /** The longest waiting one, whose turn it is now. */
    @Nullable
    DefaultTask<?> nextWaiting() {
        DefaultTask<?> first = waiting;
        if (first != null) {
            skip(first);
            first.waiting = false;
        }
        return first;
    }

    /** False when it is not, or no longer, in the list. */
    boolean remove(DefaultTask<?> task) {
        if (!task.listed) {
            return false;
        }
        task.listed = false;
        if (waiting == task) {
            skip(task);
        }
        DefaultTask<?> before = task.previous;
        DefaultTask<?> after = task.next;
        if (before == null) {
            head = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            tail = before;
        } else {
            after.previous = before;
        }
        task.previous = null;
        task.next = null;
        size--;
        return true;
    }

    // Unscheduled work that was shielded may stand between those who wait.
    private void skip(DefaultTask<?> first) {
        DefaultTask<?> next = first.next;
        while (next != null && !next.waiting) {
            next = next.next;
        }
        waiting = next;
    }

    int size() {
        return size;
    }

    List<DefaultTask<?>> toList() {
        List<DefaultTask<?>> all = new ArrayList<>(size);
        for (DefaultTask<?> task = head; task != null; task = task.next) {
            all.add(task);
        }
        return all;
    }
}
