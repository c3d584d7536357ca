package io.github.asyncio4j.task;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Schedulers;

/** One picture of all live tasks. */
final class TreePrinter {

    /** Deeper than any sane program, and far from the end of the stack. */
    private static final int MAX_DEPTH = 200;

    private final int maxChildren;
    private final long now = Schedulers.parallel().now(TimeUnit.MILLISECONDS);
    private final List<DefaultTask<?>> live = TaskRegistry.live();
    private final List<TaskOwner> rootScopes = new ArrayList<>();
    private final List<DefaultTask<?>> rootTasks = new ArrayList<>();
    private final Map<DefaultTask<?>, List<TaskOwner>> scopes = new IdentityHashMap<>();
    private final Map<DefaultTask<?>, List<DefaultTask<?>>> freeChildren = new IdentityHashMap<>();
    private final StringBuilder out = new StringBuilder();

    TreePrinter(int maxChildren) {
        this.maxChildren = maxChildren;
    }

    String print() {
        arrange();
        line("", count(live.size()));
        printChildren("", rootTasks, rootScopes, 0);
        List<List<DefaultTask<?>>> cycles = new WaitGraph(live).cycles();
        for (List<DefaultTask<?>> cycle : cycles) {
            line("", "cycle: " + names(cycle));
        }
        return out.toString();
    }

    private void arrange() {
        for (DefaultTask<?> task : live) {
            if (task.owner() instanceof FreeTasks) {
                attach(task, task.parentTask(), freeChildren, rootTasks);
            }
        }
        List<TaskOwner> all = new ArrayList<>(TaskRegistry.scopes());
        all.sort(Comparator.comparing(TaskOwner::label));
        for (TaskOwner scope : all) {
            attach(scope, scope.parent(), scopes, rootScopes);
        }
    }

    private static <N> void attach(
            N node, @Nullable DefaultTask<?> parent, Map<DefaultTask<?>, List<N>> children, List<N> roots) {
        if (parent == null || parent.isDone()) {
            roots.add(node);
        } else {
            children.computeIfAbsent(parent, unused -> new ArrayList<>()).add(node);
        }
    }

    private void printChildren(String indent, List<DefaultTask<?>> tasks, List<TaskOwner> owners, int depth) {
        if (depth > MAX_DEPTH) {
            line(indent, "└─ … deeper still");
            return;
        }
        int shown = Math.min(tasks.size(), maxChildren);
        boolean more = shown < tasks.size();
        for (int i = 0; i < shown; i++) {
            boolean last = i == shown - 1 && !more && owners.isEmpty();
            printTask(indent, last, tasks.get(i), depth);
        }
        if (more) {
            line(indent, (owners.isEmpty() ? "└─ " : "├─ ") + "… " + (tasks.size() - shown) + " more");
        }
        for (int i = 0; i < owners.size(); i++) {
            printScope(indent, i == owners.size() - 1, owners.get(i), depth);
        }
    }

    private void printTask(String indent, boolean last, DefaultTask<?> task, int depth) {
        line(indent, (last ? "└─ " : "├─ ") + describe(task));
        task.createdAt().ifPresent(site -> line(indent + (last ? "   " : "│  "), "  created " + firstLine(site)));
        printChildren(
                indent + (last ? "   " : "│  "),
                freeChildren.getOrDefault(task, List.of()),
                scopes.getOrDefault(task, List.of()),
                depth + 1);
    }

    private void printScope(String indent, boolean last, TaskOwner scope, int depth) {
        List<DefaultTask<?>> tasks = scope.live();
        line(indent, (last ? "└─ " : "├─ ") + scope.label() + ", " + count(tasks.size()));
        printChildren(indent + (last ? "   " : "│  "), tasks, List.of(), depth + 1);
    }

    private String describe(DefaultTask<?> task) {
        String age = String.format(Locale.ROOT, "%.1f s", Math.max(0, now - task.createdMillis()) / 1000.0);
        List<Object> waits = task.waits();
        return title(task) + " " + task.state() + " for " + age
                + (waits.isEmpty() ? "" : ", waiting for " + join(waits));
    }

    private String join(List<Object> waits) {
        String first =
                waits.stream().limit(maxChildren).map(TreePrinter::describeWait).collect(Collectors.joining(", "));
        return waits.size() > maxChildren ? first + " and " + (waits.size() - maxChildren) + " more" : first;
    }

    private static String describeWait(Object what) {
        return what instanceof TaskWaiters line ? title(line.task) : what.toString();
    }

    static String title(DefaultTask<?> task) {
        String number = "Task-" + task.id();
        return task.name().equals(number) ? number : "\"" + task.name() + "\" (" + number + ")";
    }

    static String names(List<DefaultTask<?>> cycle) {
        return cycle.stream().map(TreePrinter::title).collect(Collectors.joining(" → ")) + " → " + title(cycle.get(0));
    }

    private static String firstLine(String site) {
        int end = site.indexOf('\n');
        return end < 0 ? site : site.substring(0, end);
    }

    private static String count(int tasks) {
        return tasks + (tasks == 1 ? " task" : " tasks");
    }

    private void line(String indent, String text) {
        out.append(indent).append(text).append('\n');
    }
}
