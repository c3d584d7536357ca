package io.github.asyncio4j.task;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who waits for whom: a task for those it awaits, and for the children of the groups that run inside it. */
final class WaitGraph {

    private final List<DefaultTask<?>> tasks;
    private final Map<DefaultTask<?>, List<DefaultTask<?>>> children = new IdentityHashMap<>();

    WaitGraph(List<DefaultTask<?>> tasks) {
        this.tasks = tasks;
        for (TaskOwner scope : TaskRegistry.scopes()) {
            DefaultTask<?> parent = scope.parent();
            if (parent != null) {
                children.computeIfAbsent(parent, unused -> new ArrayList<>()).addAll(scope.live());
            }
        }
    }

    private List<DefaultTask<?>> waitedFor(DefaultTask<?> task) {
        List<DefaultTask<?>> all = new ArrayList<>(children.getOrDefault(task, List.of()));
        for (Object what : task.waits()) {
            if (what instanceof TaskWaiters line && !line.task.isDone()) {
                all.add(line.task);
            }
        }
        return all;
    }

    /** A depth-first walk; a chain of waits may be longer than any stack, so it keeps its own. */
    List<List<DefaultTask<?>>> cycles() {
        Set<DefaultTask<?>> finished = Collections.newSetFromMap(new IdentityHashMap<>());
        Set<List<DefaultTask<?>>> cycles = new LinkedHashSet<>();
        for (DefaultTask<?> root : tasks) {
            walk(root, finished, cycles);
        }
        return List.copyOf(cycles);
    }

    private void walk(DefaultTask<?> root, Set<DefaultTask<?>> finished, Set<List<DefaultTask<?>>> cycles) {
        Deque<DefaultTask<?>> path = new ArrayDeque<>();
        Set<DefaultTask<?>> onPath = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Iterator<DefaultTask<?>>> edges = new ArrayDeque<>();
        DefaultTask<?> entered = root;
        while (true) {
            if (entered != null && finished.contains(entered)) {
                entered = null;
            }
            if (entered != null) {
                path.addLast(entered);
                onPath.add(entered);
                edges.addLast(waitedFor(entered).iterator());
            } else if (path.isEmpty()) {
                return;
            }
            entered = advance(path, onPath, edges, finished, cycles);
        }
    }

    // The next task to enter; null when the last one on the path is done with, or its edge led nowhere new.
    private static @Nullable DefaultTask<?> advance(
            Deque<DefaultTask<?>> path,
            Set<DefaultTask<?>> onPath,
            Deque<Iterator<DefaultTask<?>>> edges,
            Set<DefaultTask<?>> finished,
            Set<List<DefaultTask<?>>> cycles) {
        Iterator<DefaultTask<?>> next = edges.peekLast();
        if (next == null) {
            return null;
        }
        if (!next.hasNext()) {
            edges.removeLast();
            DefaultTask<?> left = path.removeLast();
            onPath.remove(left);
            finished.add(left);
            return null;
        }
        DefaultTask<?> to = next.next();
        if (!onPath.contains(to)) {
            return to;
        }
        cycles.add(cycle(path, to));
        return null;
    }

    private static List<DefaultTask<?>> cycle(Deque<DefaultTask<?>> path, DefaultTask<?> from) {
        List<DefaultTask<?>> whole = new ArrayList<>(path);
        List<DefaultTask<?>> cycle = new ArrayList<>(whole.subList(whole.indexOf(from), whole.size()));
        DefaultTask<?> oldest = Collections.min(cycle, Comparator.comparingLong(DefaultTask::id));
        Collections.rotate(cycle, -cycle.indexOf(oldest));
        return cycle;
    }
}
