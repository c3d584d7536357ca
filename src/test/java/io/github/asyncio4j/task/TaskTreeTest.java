package io.github.asyncio4j.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.asyncio4j.sync.AsyncSemaphore;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.util.context.Context;

class TaskTreeTest {

    private final List<Task<?>> started = new ArrayList<>();

    @AfterEach
    void endAll() {
        started.forEach(Task::cancel);
        assertThat(Tasks.all()).isEmpty();
        assertThat(TaskTree.dump()).isEqualTo("0 tasks\n");
    }

    private <T> Task<T> start(String name, Mono<T> work) {
        Task<T> task = Tasks.create(name, work, Context.empty());
        started.add(task);
        return task;
    }

    private static String line(String name) {
        return TaskTree.dump()
                .lines()
                .filter(line -> line.contains("\"" + name + "\""))
                .findFirst()
                .orElse("");
    }

    @Test
    void groupsAndTheirChildrenStandBelowTheTaskTheyRunIn() {
        Task<Object> page = start("page", TaskGroup.builder().name("checkout").using(group -> {
            group.createTask("header", Mono.never());
            Task<Object> body = group.createTask("body", Mono.never());
            return body.await();
        }));
        long first = page.id();
        String times = TaskTree.dump().replaceAll("for [0-9.]+ s", "for 0 s");
        assertThat(times)
                .isEqualTo(String.join(
                        "\n",
                        "3 tasks",
                        "└─ \"page\" (Task-" + first + ") RUNNING for 0 s, waiting for \"body\" (Task-" + (first + 2)
                                + ")",
                        "   └─ checkout, 2 tasks",
                        "      ├─ \"header\" (Task-" + (first + 1) + ") RUNNING for 0 s",
                        "      └─ \"body\" (Task-" + (first + 2) + ") RUNNING for 0 s",
                        ""));
    }

    @Test
    void aTaskTellsWhichPrimitiveItWaitsFor() {
        AsyncSemaphore pool = AsyncSemaphore.builder().name("pool").permits(1).build();
        pool.tryAcquire();
        Task<Object> task = start("worker", pool.withPermit(Mono.never()));
        assertThat(line("worker")).contains("waiting for").contains("pool");
        assertThat(task.waitingFor()).singleElement().asString().contains("pool");
    }

    @Test
    void aCancelledTaskIsShownWhileItsCleanupRuns() {
        Sinks.Empty<Void> cleanup = Sinks.empty();
        start("slow", Cleaning.with("db", cleanup.asMono())).cancel("unwanted");
        assertThat(line("slow")).contains("CANCELLING");
        cleanup.tryEmitEmpty();
    }

    @Test
    void backgroundTasksAreARootOfTheirOwn() {
        BackgroundTasks background = BackgroundTasks.builder().name("audit").build();
        background.createTask(Mono.never());
        assertThat(TaskTree.dump()).contains("└─ audit, 1 task");
        background.dispose();
    }

    @Test
    void ofManyChildrenOnlySomeAreShown() {
        start("many", TaskGroup.using(group -> {
            for (int i = 0; i < 10; i++) {
                group.createTask(Mono.never());
            }
            return Mono.never();
        }));
        assertThat(TaskTree.dump(3)).contains("└─ … 7 more").hasLineCount(7);
        assertThatThrownBy(() -> TaskTree.dump(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("maxChildren");
    }

    @Test
    void tasksThatWaitForEachOtherAreACycle() {
        AtomicReference<Task<Object>> second = new AtomicReference<>();
        Sinks.Empty<Void> go = Sinks.empty();
        Task<Object> first =
                start("first", go.asMono().then(Mono.defer(() -> second.get().await())));
        second.set(start("second", first.await()));
        start("outside", first.await());
        assertThat(TaskTree.cycles()).isEmpty();
        go.tryEmitEmpty();
        assertThat(TaskTree.cycles()).containsExactly(List.of(first, second.get()));
        assertThat(TaskTree.dump())
                .contains("cycle: \"first\" (Task-" + first.id() + ") → \"second\" (Task-"
                        + second.get().id() + ") → \"first\"");
        second.get().cancel();
        assertThat(TaskTree.cycles()).isEmpty();
    }

    @Test
    void aChildThatAwaitsTheTaskAroundItIsACycle() {
        AtomicReference<Task<Object>> outer = new AtomicReference<>();
        Sinks.Empty<Void> go = Sinks.empty();
        outer.set(start("outer", TaskGroup.using(group -> {
            group.createTask(
                    "inner", go.asMono().then(Mono.defer(() -> outer.get().await())));
            return Mono.empty();
        })));
        go.tryEmitEmpty();
        assertThat(TaskTree.cycles())
                .singleElement()
                .satisfies(cycle -> assertThat(cycle).hasSize(2));
    }

    @Test
    void aVeryDeepTreeIsCutOff() {
        Mono<Object> work = Mono.never();
        for (int i = 0; i < 300; i++) {
            Mono<Object> inner = work;
            work = TaskGroup.using(group -> group.createTask(inner).await());
        }
        start("deep", work);
        assertThat(TaskTree.dump()).contains("… deeper still");
    }

    @Test
    void theSameIsReachableByJmx() throws Exception {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        start("seen", Mono.never());
        ObjectName name = new ObjectName("io.github.asyncio4j:type=TaskTree");
        assertThat((String) server.invoke(name, "dump", null, null)).contains("\"seen\"");
        assertThat(server.getAttribute(name, "LiveTasks")).isEqualTo(1);
        assertThat((String[]) server.getAttribute(name, "Cycles")).isEmpty();
        assertThat(server.getMBeanInfo(name).getAttributes()).noneMatch(MBeanAttributeInfo::isWritable);
        assertThat(server.getMBeanInfo(name).getOperations())
                .extracting(MBeanOperationInfo::getName)
                .containsExactly("dump");
    }
}
