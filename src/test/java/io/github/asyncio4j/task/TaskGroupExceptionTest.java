package io.github.asyncio4j.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class TaskGroupExceptionTest {

    private final FileNotFoundException missing = new FileNotFoundException("a.txt");
    private final TimeoutException slow = new TimeoutException("b");
    private final IOException broken = new IOException("c");
    private final TaskGroupException nested = new TaskGroupException("inner", List.of(broken, slow));
    private final TaskGroupException all = new TaskGroupException("outer", List.of(missing, nested));

    @Test
    void saysAllItsFailuresAndIsCausedByTheFirst() {
        assertThat(all)
                .hasMessageStartingWith("outer, failures: 2: java.io.FileNotFoundException: a.txt; ")
                .hasCause(missing);
        assertThat(all.failures()).containsExactly(missing, nested);
    }

    @Test
    void aSubgroupKeepsTheTypeAskedForAndTheShapeAroundIt() {
        TaskGroupException io = all.subgroup(IOException.class).orElseThrow();
        assertThat(io.failures()).hasSize(2).first().isSameAs(missing);
        assertThat(io.failures().get(1))
                .isInstanceOfSatisfying(
                        TaskGroupException.class,
                        inner -> assertThat(inner.failures()).containsExactly(broken));
        assertThat(io.getStackTrace()).isEqualTo(all.getStackTrace());
    }

    @Test
    void aSubgroupOfATypeThatIsNotThereIsEmpty() {
        assertThat(all.subgroup(IllegalStateException.class)).isEmpty();
        assertThat(all.subgroup(TimeoutException.class).orElseThrow().failures())
                .singleElement()
                .isInstanceOfSatisfying(
                        TaskGroupException.class,
                        inner -> assertThat(inner.failures()).containsExactly(slow));
    }

    @Test
    void aSubgroupOfItsOwnTypeIsItself() {
        assertThat(all.subgroup(RuntimeException.class)).containsSame(all);
    }

    @Test
    void serializedItKeepsItsMessageAndItsCause() throws IOException, ClassNotFoundException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(all);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            TaskGroupException copy = (TaskGroupException) in.readObject();
            assertThat(copy).hasMessage(all.getMessage());
            assertThat(copy.failures()).singleElement().isInstanceOf(FileNotFoundException.class);
            assertThat(copy.subgroup(TimeoutException.class)).isEmpty();
        }
    }

    @Test
    void aBodyThatWasOnlyCancelledBecauseAChildFailedIsNoFailureOfItsOwn() {
        AtomicReference<Task<Integer>> child = new AtomicReference<>();
        StepVerifier.create(TaskGroup.builder().name("g").aggregateErrors().using(group -> {
                    child.set(group.createTask(Mono.error(broken)));
                    return child.get().await();
                }))
                .verifyErrorSatisfies(
                        e -> assertThat(((TaskGroupException) e).failures()).containsExactly(broken));
    }

    @Test
    void aBodyThatAwaitsACancelledTaskFailsWithThatCancellationAlone() {
        StepVerifier.create(TaskGroup.builder().name("g").aggregateErrors().using(group -> {
                    Task<Object> child = group.createTask(Mono.never());
                    child.cancel("enough");
                    return child.await();
                }))
                .verifyErrorSatisfies(e -> assertThat(e).isInstanceOf(CancellationException.class));
    }

    @Test
    void withoutAnyFailureTheGroupGivesItsBodysValue() {
        StepVerifier.create(TaskGroup.builder().name("g").aggregateErrors().using(group -> {
                    group.createTask(Mono.just(1));
                    return Mono.just("done");
                }))
                .expectNext("done")
                .verifyComplete();
    }
}
