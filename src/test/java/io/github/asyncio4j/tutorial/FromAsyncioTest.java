package io.github.asyncio4j.tutorial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.asyncio4j.http.ClientSession;
import io.github.asyncio4j.queue.AsyncQueue;
import io.github.asyncio4j.resource.AsyncResource;
import io.github.asyncio4j.stream.AsyncGenerator;
import io.github.asyncio4j.sync.AsyncSemaphore;
import io.github.asyncio4j.task.Outcome;
import io.github.asyncio4j.task.Task;
import io.github.asyncio4j.task.TaskGroup;
import io.github.asyncio4j.task.Tasks;
import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.thread.Threads;
import io.github.asyncio4j.time.DeadlineExceededException;
import io.github.asyncio4j.time.Timeouts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.test.StepVerifier;

/** The code of docs/tutorial-asyncio.md. */
@ExtendWith(NoLeaks.class)
class FromAsyncioTest {

    // region coroutine
    static Mono<String> greet(String name) {
        return Tasks.sleep(Duration.ofSeconds(1)).thenReturn("Hello, " + name);
    }
    // endregion

    @Test
    void aCoroutineIsAMono() {
        StepVerifier.withVirtualTime(() -> {
                    // region sequence
                    Mono<String> both =
                            greet("Ann").flatMap(first -> greet("Bob").map(second -> first + ", " + second));
                    // endregion
                    return both;
                })
                .thenAwait(Duration.ofSeconds(2))
                .expectNext("Hello, Ann, Hello, Bob")
                .verifyComplete();
    }

    @Test
    void thePythonBesideItRuns() throws Exception {
        Path python = Path.of("/usr/bin/python3");
        assumeTrue(Files.isExecutable(python), "there is no python3 here to run the Python of the tutorial");
        Process process = new ProcessBuilder(python.toString(), "src/test/resources/asyncio/tutorial.py")
                .redirectErrorStream(true)
                .start();

        assertThat(process.inputReader(StandardCharsets.UTF_8).lines()).containsExactly("Hello, Ann");
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void theWholeProgramPrintsBothGreetings() {
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            Greetings.main(new String[0]);
        } finally {
            System.setOut(before);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("Hello, Ann", "Hello, Bob");
    }

    @Test
    void statements() {
        StepVerifier.withVirtualTime(() -> {
                    // region statements
                    Mono<String> round = Flux.just("Ann", "Bob", "7")
                            .concatMap(name ->
                                    name.equals("7") ? Mono.<String>error(new IOException("no name")) : greet(name))
                            .doOnNext(log::add)
                            .then(Mono.just("all greeted"))
                            .onErrorResume(IOException.class, e -> Mono.just(e.getMessage()))
                            .doFinally(end -> log.add("bye"));
                    // endregion
                    return round;
                })
                .thenAwait(Duration.ofSeconds(2))
                .expectNext("no name")
                .verifyComplete();
        assertThat(log).containsExactly("Hello, Ann", "Hello, Bob", "bye");
    }

    @Test
    void gathered() {
        StepVerifier.withVirtualTime(() -> {
                    // region gather
                    Mono<List<String>> all = Tasks.gather(List.of(greet("Ann"), greet("Bob"), greet("Cid")));
                    // endregion
                    return all;
                })
                .thenAwait(Duration.ofSeconds(1))
                .expectNext(List.of("Hello, Ann", "Hello, Bob", "Hello, Cid"))
                .verifyComplete();
        List<Mono<String>> sources = List.of(Mono.just("a"), Mono.error(new IOException("b")));
        StepVerifier.create(
                        // region settled
                        Tasks.gatherSettled(sources)
                                .map(outcomes -> outcomes.stream()
                                        .filter(Outcome::isSuccess)
                                        .count())
                        // endregion
                        )
                .expectNext(1L)
                .verifyComplete();
    }

    @Test
    void group() {
        StepVerifier.withVirtualTime(() -> {
                    // region group
                    Mono<String> page = TaskGroup.using(group -> {
                        Task<String> header = group.createTask("header", greet("header"));
                        Task<String> body = group.createTask("body", greet("body"));
                        return header.await().zipWith(body.await(), (h, b) -> h + ", " + b);
                    });
                    // endregion
                    return page;
                })
                .thenAwait(Duration.ofSeconds(1))
                .expectNext("Hello, header, Hello, body")
                .verifyComplete();
    }

    @Test
    void limited() {
        StepVerifier.withVirtualTime(() -> {
                    // region timeout
                    Mono<String> inTime = Timeouts.timeout(greet("Ann"), Duration.ofMillis(500))
                            .onErrorReturn(DeadlineExceededException.class, "too late");
                    // endregion
                    return inTime;
                })
                .thenAwait(Duration.ofMillis(500))
                .expectNext("too late")
                .verifyComplete();
    }

    private final List<String> log = new ArrayList<>();

    private Mono<String> connect() {
        return Mono.fromSupplier(() -> {
            log.add("connect");
            return "connection";
        });
    }

    private Mono<Void> close(String connection) {
        return Mono.fromRunnable(() -> log.add("close " + connection));
    }

    private Mono<String> query(String connection) {
        return Mono.fromSupplier(() -> "row of " + connection);
    }

    @Test
    void resource() {
        // region resource
        AsyncResource<String> database = AsyncResource.of(connect(), this::close);
        Mono<String> row = database.use(connection -> query(connection));
        // endregion
        StepVerifier.create(row).expectNext("row of connection").verifyComplete();
        assertThat(log).containsExactly("connect", "close connection");
    }

    @Test
    void semaphoreAndQueue() {
        StepVerifier.withVirtualTime(() -> {
                    // region semaphore
                    AsyncSemaphore three = AsyncSemaphore.create(3);
                    Mono<List<String>> greetings = Tasks.gather(IntStream.range(0, 9)
                            .mapToObj(n -> three.withPermit(greet("guest " + n)))
                            .toList());
                    // endregion
                    return greetings;
                })
                .expectSubscription()
                .expectNoEvent(Duration.ofMillis(2_999))
                .thenAwait(Duration.ofMillis(1))
                .expectNextCount(1)
                .verifyComplete();
        // region queue
        AsyncQueue<Integer> queue = AsyncQueue.bounded(2);
        Mono<Void> producer = Flux.range(0, 10)
                .concatMap(queue::put)
                .doOnComplete(queue::shutdown)
                .then();
        Mono<Void> consumer = queue.drain(1, n -> Mono.fromRunnable(() -> log.add("item " + n)));
        Mono<Void> both = Tasks.join(producer, consumer);
        // endregion
        StepVerifier.create(both).verifyComplete();
        assertThat(log).hasSize(10).endsWith("item 9");
    }

    @Test
    void generator() {
        // region generator
        Flux<Integer> squares = AsyncGenerator.generate(
                out -> Flux.range(0, 5).concatMap(n -> out.emit(n * n), 0).then());
        // endregion
        StepVerifier.create(squares).expectNext(0, 1, 4, 9, 16).verifyComplete();
    }

    @Test
    void blockingCode() {
        // region thread
        Mono<String> thread = Threads.toThread(() -> Thread.currentThread().getName());
        // endregion
        assertThat(thread.block()).startsWith("boundedElastic");
    }

    @Test
    void client() {
        DisposableServer server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle((request, response) -> response.sendString(Mono.just("hello")))
                .bindNow();
        String url = "http://127.0.0.1:" + server.port() + "/";
        try {
            // region client
            Mono<String> text = ClientSession.using(session ->
                    session.get(url).use(response -> response.text().map(body -> response.status() + " " + body)));
            // endregion
            StepVerifier.create(text).expectNext("200 hello").expectComplete().verify(Duration.ofSeconds(20));
        } finally {
            server.disposeNow();
        }
    }
}
