package io.github.asyncio4j.task;

import java.util.List;

/**
 * {@link TaskTree} for tools outside of the JVM; its name is {@link TaskTree#MBEAN}.
 *
 * <p>{@code python -m asyncio pstree}, for a JVM.
 *
 * <pre>{@code
 * TaskTreeMXBean tasks = JMX.newMXBeanProxy(
 *         ManagementFactory.getPlatformMBeanServer(), new ObjectName(TaskTree.MBEAN), TaskTreeMXBean.class);
 * String tree = tasks.dump();
 * }</pre>
 */
public interface TaskTreeMXBean {

    /** How many tasks have not ended. */
    int getLiveTasks();

    /** Tasks that wait for each other, one line for each circle. */
    List<String> getCycles();

    /** {@link TaskTree#dump(int)} with the first thousand children of each owner. */
    String dump();
}
