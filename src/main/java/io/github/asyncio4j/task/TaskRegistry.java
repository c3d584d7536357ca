package io.github.asyncio4j.task;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** All owners that may have live tasks. The tasks themselves are listed by their owners only: a child costs nothing here. */
final class TaskRegistry {

    private static final Set<TaskOwner> OWNERS = ConcurrentHashMap.newKeySet();

    private TaskRegistry() {}

    static void add(TaskOwner owner) {
        OWNERS.add(owner);
    }

    static void remove(TaskOwner owner) {
        OWNERS.remove(owner);
    }

    /** Those that are scopes: groups and background owners. */
    static List<TaskOwner> scopes() {
        return List.copyOf(OWNERS);
    }

    /** All that have not ended, oldest first. */
    static List<DefaultTask<?>> live() {
        List<DefaultTask<?>> all = new ArrayList<>();
        Stream.concat(OWNERS.stream(), FreeTasks.owners()).forEach(owner -> all.addAll(owner.live()));
        all.sort(Comparator.comparingLong(DefaultTask::id));
        return all;
    }
}
