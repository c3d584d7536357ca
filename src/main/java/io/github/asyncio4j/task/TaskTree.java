package io.github.asyncio4j.task;

import io.github.asyncio4j.internal.Checks;
import java.util.ArrayList;
import java.util.List;

/**
 * What is running at this moment, who owns it, and what each task waits for: the question to ask when a service hangs.
 *
 * <pre>
 *   3 tasks
 *   └─ "page" (Task-1) RUNNING for 1.2 s, waiting for "body" (Task-3)
 *      └─ TaskGroup checkout, 2 tasks
 *         ├─ "header" (Task-2) CANCELLING for 1.2 s
 *         └─ "body" (Task-3) RUNNING for 0.9 s, waiting for AsyncLock db
 * </pre>
 *
 * <p>From outside the same is the operation {@code dump} of the MBean {@value #MBEAN}, for jconsole, VisualVM and their
 * like. It is registered when the first task meets a JMX server, and by a thread of its own about a second after the first
 * task when there was none, as creating one takes a while; {@code -Dasyncio4j.jmx=false} leaves it out.
 *
 * <p>Waits are known where the task waits for something of this library: a lock, a permit, a queue, an event, another
 * task. Taking the picture stops nobody, so it may show a task that is ending just now. {@code python -m asyncio pstree}.
 *
 * <pre>{@code
 * System.err.println(TaskTree.dump());
 * }</pre>
 */
public final class TaskTree {

    /** The name of the MBean. */
    public static final String MBEAN = "io.github.asyncio4j:type=TaskTree";

    private TaskTree() {}

    /** All live tasks as a tree, and below it the cycles of waits, if there are any. */
    public static String dump() {
        return dump(Integer.MAX_VALUE);
    }

    /**
     * The same with at most {@code maxChildren} tasks of each owner.
     *
     * @throws IllegalArgumentException if {@code maxChildren} is less than 1
     */
    public static String dump(int maxChildren) {
        return new TreePrinter(Checks.atLeast(1, maxChildren, "maxChildren")).print();
    }

    /**
     * Tasks that wait for each other in a circle, each circle once, beginning with its oldest task. A task that waits for
     * several things at once may still be freed by one of the others; else this is a deadlock.
     */
    public static List<List<Task<?>>> cycles() {
        List<List<Task<?>>> cycles = new ArrayList<>();
        new WaitGraph(TaskRegistry.live()).cycles().forEach(cycle -> cycles.add(List.copyOf(cycle)));
        return List.copyOf(cycles);
    }
}
