package io.github.asyncio4j.task;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import javax.management.InstanceAlreadyExistsException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;
import reactor.core.scheduler.Schedulers;
import reactor.util.Logger;
import reactor.util.Loggers;

/**
 * Makes the tree known to JMX, once. Where a JMX server is there already, registering takes a millisecond; creating one
 * takes a few hundred, which the first task of a process should not have to wait for.
 */
final class TaskTreeAgent implements TaskTreeMXBean {

    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final int MAX_CHILDREN = 1_000;
    private static final Logger LOG = Loggers.getLogger(TaskTree.class);

    private static final AtomicBoolean STARTED = new AtomicBoolean();
    private static final AtomicBoolean REGISTERED = new AtomicBoolean();
    private static volatile boolean settled = "false".equals(System.getProperty("asyncio4j.jmx"));

    private TaskTreeAgent() {}

    /** Called for each new task: one volatile read once it is settled, which is about a second after the first. */
    static void taskCreated() {
        if (!settled) {
            meet();
        }
    }

    private static void meet() {
        try {
            if (!Schedulers.isInNonBlockingThread()
                    && !MBeanServerFactory.findMBeanServer(null).isEmpty()) {
                register();
            } else if (STARTED.compareAndSet(false, true)) {
                Thread later = new Thread(TaskTreeAgent::registerLater, "asyncio4j-task-tree");
                later.setDaemon(true);
                later.start();
            }
        } catch (LinkageError | SecurityException e) {
            settled = true; // a runtime without java.management
        }
    }

    private static void registerLater() {
        LockSupport.parkNanos(PATIENCE.toNanos());
        register();
    }

    private static void register() {
        settled = true;
        if (!REGISTERED.compareAndSet(false, true)) {
            return;
        }
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        try {
            server.registerMBean(new TaskTreeAgent(), new ObjectName(TaskTree.MBEAN));
        } catch (InstanceAlreadyExistsException e) {
            LOG.debug("another copy of the library has registered " + TaskTree.MBEAN);
        } catch (JMException e) {
            LOG.warn("cannot register " + TaskTree.MBEAN, e);
        }
    }

    @Override
    public int getLiveTasks() {
        return TaskRegistry.live().size();
    }

    @Override
    public List<String> getCycles() {
        return new WaitGraph(TaskRegistry.live())
                .cycles().stream().map(TreePrinter::names).toList();
    }

    @Override
    public String dump() {
        return TaskTree.dump(MAX_CHILDREN);
    }
}
