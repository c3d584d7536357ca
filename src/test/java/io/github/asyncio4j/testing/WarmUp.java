package io.github.asyncio4j.testing;

import io.github.asyncio4j.task.TaskGroup;
import io.micrometer.context.ContextRegistry;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import reactor.core.publisher.Mono;

/**
 * Loads, before the first test, what reads the class path when it is first used. On an event loop BlockHound would
 * forbid that, and a class whose initialiser has failed once stays unusable for all tests after it.
 */
public final class WarmUp implements LauncherSessionListener {

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        ContextRegistry.getInstance();
        // The first task registers the task tree with JMX.
        TaskGroup.using(group -> group.createTask(Mono.empty()).await()).block();
    }
}
