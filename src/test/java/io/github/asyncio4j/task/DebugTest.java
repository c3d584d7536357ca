package io.github.asyncio4j.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.asyncio4j.sync.AsyncEvent;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;

class DebugTest {

    private final BlockingQueue<String> reports = new LinkedBlockingQueue<>();

    @BeforeEach
    void turnOn() {
        Debug.enable(Duration.ofMillis(20), reports::add);
    }

    @AfterEach
    void turnOff() {
        Debug.disable();
        assertThat(Debug.isEnabled()).isFalse();
    }

    private String nextReport() throws InterruptedException {
        return String.valueOf(reports.poll(10, TimeUnit.SECONDS));
    }

    /** Burns the CPU: sleeping is forbidden on these threads. */
    private static long spin(Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        long turns = 0;
        while (System.nanoTime() < end) {
            turns++;
        }
        return turns;
    }

    @Test
    void callbackThatHoldsANonBlockingThreadIsReportedWithItsTaskAndStack() throws Exception {
        Task<Long> task = Tasks.create(
                "greedy", Mono.delay(Duration.ofMillis(1)).map(t -> spin(Duration.ofMillis(200))), Context.empty());
        assertThat(nextReport())
                .contains("parallel-")
                .contains("has been held for")
                .contains("greedy")
                .contains("DebugTest.spin");
        assertThat(task.await().block()).isPositive();
        assertThat(reports).isEmpty();
    }

    @Test
    void workGivenToASchedulerDirectlyIsReportedToo() throws Exception {
        Schedulers.parallel().schedule(() -> spin(Duration.ofMillis(200)));
        assertThat(nextReport()).contains("outside of any task").contains("DebugTest.spin");
    }

    @Test
    void threadsThatMayBlockAreNobodysBusiness() {
        Mono.fromCallable(() -> spin(Duration.ofMillis(100)))
                .subscribeOn(Schedulers.boundedElastic())
                .block();
        assertThat(reports).isEmpty();
    }

    @Test
    void monoOfOursThatIsNeverSubscribedIsReportedWithItsPlace() throws Exception {
        AsyncEvent event = AsyncEvent.create();
        forget(event);
        assertThat(collected()).contains("never subscribed").contains("DebugTest.forget");
    }

    private static void forget(AsyncEvent event) {
        event.await();
    }

    @Test
    void monoThatIsSubscribedIsNot() throws Exception {
        AsyncEvent event = AsyncEvent.create();
        event.set();
        event.await().then(Mono.just(1)).map(x -> x + 1).block();
        Mono.just(1).map(x -> x + 1);
        forget(event);
        assertThat(collected()).contains("DebugTest.forget");
        assertThat(reports).isEmpty();
    }

    @Test
    void anOperatorOnTopOfItIsStillReportedOnce() throws Exception {
        forgetWithUserOperator(AsyncEvent.create());
        assertThat(collected()).contains("DebugTest.forgetWithUserOperator");
        assertThat(collected(3)).isEqualTo("no report");
    }

    private static void forgetWithUserOperator(AsyncEvent event) {
        event.await().thenReturn("never seen");
    }

    private String collected() throws InterruptedException {
        return collected(100);
    }

    private String collected(int patience) throws InterruptedException {
        for (int i = 0; i < patience; i++) {
            System.gc();
            String report = reports.poll(100, TimeUnit.MILLISECONDS);
            if (report != null) {
                return report;
            }
        }
        return "no report";
    }

    @Test
    void tasksKnowWhereTheyWereCreated() {
        Task<Object> task = Tasks.create(Mono.never());
        assertThat(task.createdAt().orElse("")).startsWith("at io.github.asyncio4j.task.DebugTest.tasksKnow");
        assertThat(TaskTree.dump()).contains("created at io.github.asyncio4j.task.DebugTest.tasksKnow");
        task.cancel();
        Debug.disable();
        assertThat(Tasks.create(Mono.just(1)).createdAt()).isEmpty();
    }

    @Test
    void pipelinesWorkAsWithoutIt() {
        assertThat(Flux.range(1, 100)
                        .publishOn(Schedulers.parallel())
                        .filter(x -> x % 2 == 0)
                        .flatMap(x -> TaskGroup.using(group ->
                                group.createTask(Mono.just(x).map(y -> y * 2)).await()))
                        .reduce(0, Integer::sum)
                        .block())
                .isEqualTo(5_100);
    }

    @Test
    void badArgumentsAreRejected() {
        assertThatThrownBy(() -> Debug.enable(Duration.ZERO, reports::add))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("slowCallback");
    }
}
