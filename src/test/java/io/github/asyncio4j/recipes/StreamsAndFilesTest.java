package io.github.asyncio4j.recipes;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.file.AsyncFiles;
import io.github.asyncio4j.stream.Pages;
import io.github.asyncio4j.testing.NaiveTwin;
import io.github.asyncio4j.testing.Recipe;
import java.io.FileInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.blockhound.BlockingOperationError;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** The course's async iterators and files. */
class StreamsAndFilesTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicInteger peak = new AtomicInteger();
    private final List<Integer> asked = new ArrayList<>();

    private record Page(List<Integer> items, Optional<Integer> next) {}

    /** Five pages of ten items, 100 ms each. */
    private Mono<Page> fetch(int page) {
        return Mono.defer(() -> {
                    asked.add(page);
                    peak.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
                    return Mono.delay(Duration.ofMillis(100));
                })
                .map(tick -> {
                    inFlight.decrementAndGet();
                    List<Integer> items =
                            IntStream.range(page * 10, page * 10 + 10).boxed().toList();
                    return new Page(items, page < 4 ? Optional.of(page + 1) : Optional.empty());
                });
    }

    @Test
    @Recipe(
            row = "24",
            value = "An async iterator over five pages of ten: one request at a time, none ahead of demand.")
    void pagesOnDemand() {
        StepVerifier.withVirtualTime(
                        () -> Pages.byCursor(0, this::fetch, Page::next).concatMapIterable(Page::items, 1), 0)
                .thenRequest(10)
                .thenAwait(Duration.ofSeconds(10))
                .expectNextCount(10)
                .then(() -> assertThat(asked.size()).isLessThanOrEqualTo(2))
                .thenRequest(40)
                .thenAwait(Duration.ofSeconds(10))
                .expectNextCount(40)
                .expectComplete()
                .verify(LIMIT);
        assertThat(asked).containsExactly(0, 1, 2, 3, 4);
        assertThat(peak).hasValue(1);
    }

    @Test
    @NaiveTwin(
            row = "24",
            value = "`Flux.range(…).flatMap(fetch)` has all five under way before anybody read the first.")
    void flatMappedPagesAreAllAskedForAtOnce() {
        StepVerifier.withVirtualTime(() -> Flux.range(0, 5).flatMap(this::fetch).concatMapIterable(Page::items, 1), 0)
                .thenRequest(1)
                .thenAwait(Duration.ofMillis(100))
                .expectNext(0)
                .thenCancel()
                .verify(LIMIT);
        assertThat(peak).hasValue(5);
    }

    @Test
    @Recipe(row = "27", value = "A megabyte is written and read back; asked for on an event loop, and none is blocked.")
    void writtenAndReadBack(@TempDir Path folder) {
        byte[] bytes = new byte[1 << 20];
        new Random(1).nextBytes(bytes);
        Path file = folder.resolve("data");
        Flux<ByteBuffer> content = Flux.range(0, 16).map(i -> ByteBuffer.wrap(bytes, i << 16, 1 << 16));
        Mono<byte[]> roundTrip = AsyncFiles.write(file, content)
                .thenMany(AsyncFiles.read(file))
                .collect(() -> ByteBuffer.allocate(bytes.length), ByteBuffer::put)
                .map(ByteBuffer::array);
        StepVerifier.create(Mono.defer(() -> roundTrip).subscribeOn(Schedulers.parallel()))
                .assertNext(read -> assertThat(read).isEqualTo(bytes))
                .expectComplete()
                .verify(LIMIT);
    }

    @Test
    @NaiveTwin(row = "27", value = "A `FileInputStream` on an event loop blocks it; BlockHound says so.")
    void plainFilesBlockTheEventLoop(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("data"), "text");
        StepVerifier.create(Mono.fromCallable(() -> {
                            try (InputStream in = new FileInputStream(file.toFile())) {
                                return in.readAllBytes();
                            }
                        })
                        .subscribeOn(Schedulers.parallel()))
                .expectErrorSatisfies(error -> assertThat(error).isInstanceOf(BlockingOperationError.class))
                .verify(LIMIT);
    }
}
