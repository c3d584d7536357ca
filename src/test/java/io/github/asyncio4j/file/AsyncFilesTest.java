package io.github.asyncio4j.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.asyncio4j.internal.CleanupLedger;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.MalformedInputException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.publisher.PublisherProbe;
import reactor.test.publisher.TestPublisher;
import reactor.util.context.Context;

class AsyncFilesTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private Path file(String content) throws IOException {
        return Files.writeString(directory.resolve("file"), content);
    }

    /** Which of this test's files are open, as the kernel sees it. */
    private List<String> openFiles() {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .map(AsyncFilesTest::target)
                    .filter(target -> target.startsWith(directory.toString()))
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }

    @AfterEach
    void noDescriptorIsLeft() {
        assertThat(openFiles()).isEmpty();
    }

    /** Runs what a scope would: subscribes, cancels after the first value, and waits until the ledger is empty. */
    private static <T> void cancelAfterFirstAndAwaitCleanup(Flux<T> flux) {
        CleanupLedger ledger = CleanupLedger.open(Context.empty(), "test");
        StepVerifier.create(flux.take(1).contextWrite(ledger::storeIn))
                .expectNextCount(1)
                .expectComplete()
                .verify(LIMIT);
        awaitCleanup(ledger);
    }

    private static void awaitCleanup(CleanupLedger ledger) {
        StepVerifier.create(Mono.<Integer>create(sink -> ledger.finish(failures -> sink.success(failures.size()))))
                .expectNext(0)
                .expectComplete()
                .verify(LIMIT);
    }

    @Nested
    class Lines {

        @Test
        void endWithAnyOfTheThreeEnds() throws IOException {
            Path file = file("unix\nwindows\r\nmac\r\rafter an empty one\n\nlast");
            StepVerifier.create(AsyncFiles.lines(file))
                    .expectNext("unix", "windows", "mac", "", "after an empty one", "", "last")
                    .expectComplete()
                    .verify(LIMIT);
        }

        @Test
        void theLastNeedsNoEndAndAnEmptyFileHasNone() throws IOException {
            StepVerifier.create(AsyncFiles.lines(file("a\n"))).expectNext("a").verifyComplete();
            StepVerifier.create(AsyncFiles.lines(file("a"))).expectNext("a").verifyComplete();
            StepVerifier.create(AsyncFiles.lines(file("\n"))).expectNext("").verifyComplete();
            StepVerifier.create(AsyncFiles.lines(file(""))).verifyComplete();
        }

        /** 64 KiB is not a multiple of three, nor of the line length: ends and characters fall on chunk borders. */
        @Test
        void areWholeWhereverAChunkEnds() throws IOException {
            for (String end : List.of("\n", "\r\n", "\r")) {
                List<String> lines = IntStream.range(0, 20_000)
                        .mapToObj(i -> "€".repeat(i % 11) + "𝄞ä" + i)
                        .toList();
                Path file = file(String.join(end, lines) + end);
                assertThat(AsyncFiles.lines(file).collectList().block(LIMIT)).isEqualTo(lines);
            }
        }

        @Test
        void areAsFilesSeesThem() throws IOException {
            String text = IntStream.range(0, 100_000)
                    .mapToObj(i -> "x".repeat(i % 7) + (i % 3 == 0 ? "\r\n" : i % 3 == 1 ? "\r" : "\n"))
                    .reduce(new StringBuilder(), StringBuilder::append, StringBuilder::append)
                    .toString();
            Path file = file(text);
            assertThat(AsyncFiles.lines(file).collectList().block(LIMIT)).isEqualTo(Files.readAllLines(file));
        }

        @Test
        void oneLongerThanManyChunksIsOneLine() throws IOException {
            String longLine = "0123456789".repeat(100_000);
            assertThat(AsyncFiles.lines(file(longLine + "\nshort"))
                            .collectList()
                            .block(LIMIT))
                    .containsExactly(longLine, "short");
        }

        @Test
        void comeOnlyOnDemand() throws IOException {
            StepVerifier.create(AsyncFiles.lines(file("a\nb\nc\n")), 0)
                    .expectSubscription()
                    .then(() -> assertThat(openFiles()).isEmpty())
                    .thenRequest(1)
                    .expectNext("a")
                    .then(() -> assertThat(openFiles()).hasSize(1))
                    .thenRequest(2)
                    .expectNext("b", "c")
                    .thenRequest(1)
                    .expectComplete()
                    .verify(LIMIT);
        }

        @Test
        void comeOnAThreadThatMayBlock() throws IOException {
            Path file = file("a");
            StepVerifier.create(AsyncFiles.lines(file)
                            .map(line -> Thread.currentThread().getName())
                            .subscribeOn(Schedulers.parallel()))
                    .assertNext(thread -> assertThat(thread).startsWith("boundedElastic"))
                    .expectComplete()
                    .verify(LIMIT);
        }

        @Test
        void thatAreNotUtf8FailWithTheirNumber() throws IOException {
            Path file = directory.resolve("latin1");
            Files.write(file, new byte[] {'o', 'k', '\n', 'n', (byte) 0xE4, 'h', '\n', 'x'});
            StepVerifier.create(AsyncFiles.lines(file))
                    .expectNext("ok")
                    .expectErrorSatisfies(error -> assertThat(error)
                            .isInstanceOf(MalformedInputException.class)
                            .hasMessage("line 2 of " + file + " is not UTF-8"))
                    .verify(LIMIT);
        }

        @Test
        void mayHoldTheReplacementCharacterItself() throws IOException {
            StepVerifier.create(AsyncFiles.lines(file("a\uFFFDb")))
                    .expectNext("a\uFFFDb")
                    .verifyComplete();
        }

        @Test
        void ofAMissingFileFail() {
            StepVerifier.create(AsyncFiles.lines(directory.resolve("missing")))
                    .expectError(NoSuchFileException.class)
                    .verify(LIMIT);
        }

        @Test
        void canBeReadAgain() throws IOException {
            StepVerifier.create(AsyncFiles.lines(file("a")).repeat(1))
                    .expectNext("a", "a")
                    .expectComplete()
                    .verify(LIMIT);
        }
    }

    @Nested
    class Reads {

        @Test
        void chunksAddUpToTheFile() throws IOException {
            byte[] bytes = new byte[200_000];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) i;
            }
            Path file = Files.write(directory.resolve("bytes"), bytes);
            List<ByteBuffer> chunks = AsyncFiles.read(file).collectList().block(LIMIT);
            assertThat(chunks).extracting(ByteBuffer::remaining).containsExactly(65_536, 65_536, 65_536, 3_392);
            ByteBuffer all = ByteBuffer.allocate(bytes.length);
            chunks.forEach(all::put);
            assertThat(all.array()).isEqualTo(bytes);
        }

        @Test
        void filesWithoutASizeAreReadToo() {
            assertThat(AsyncFiles.readString(Path.of("/proc/self/status")).block(LIMIT))
                    .contains("Threads:");
        }

        @Test
        void aDirectoryIsAnError() {
            StepVerifier.create(AsyncFiles.read(directory))
                    .expectError(IOException.class)
                    .verify(LIMIT);
        }

        @Test
        void stringIsTheWholeText() throws IOException {
            String text = "grüße, 世界 𝄞\r\n".repeat(20_000);
            StepVerifier.create(AsyncFiles.readString(file(text)))
                    .expectNext(text)
                    .expectComplete()
                    .verify(LIMIT);
            StepVerifier.create(AsyncFiles.readString(file("")))
                    .expectNext("")
                    .expectComplete()
                    .verify(LIMIT);
        }

        @Test
        void stringThatIsNotUtf8Fails() throws IOException {
            Path file = Files.write(directory.resolve("latin1"), new byte[] {(byte) 0xE4});
            StepVerifier.create(AsyncFiles.readString(file))
                    .expectErrorSatisfies(error -> assertThat(error)
                            .isInstanceOf(MalformedInputException.class)
                            .hasMessage(file + " is not UTF-8"))
                    .verify(LIMIT);
        }

        @Test
        void cancelClosesTheFileAndTheScopeWaitsForIt() throws IOException {
            Path file = file("a\n".repeat(100_000));
            for (int round = 0; round < 50; round++) {
                cancelAfterFirstAndAwaitCleanup(AsyncFiles.lines(file));
                assertThat(openFiles()).isEmpty();
                cancelAfterFirstAndAwaitCleanup(AsyncFiles.read(file));
                assertThat(openFiles()).isEmpty();
            }
        }

        @Test
        void theFileIsClosedBeforeTheEndIsSignalled() throws IOException {
            Path file = file("a\n");
            List<List<String>> open = new ArrayList<>();
            StepVerifier.create(AsyncFiles.lines(file).doOnComplete(() -> open.add(openFiles())))
                    .expectNext("a")
                    .expectComplete()
                    .verify(LIMIT);
            assertThat(open).containsExactly(List.of());
        }

        @Test
        void cancelFromAnotherThreadWhileItReadsClosesTheFile() throws Exception {
            Path file = file("line\n".repeat(200_000));
            for (int round = 0; round < 30; round++) {
                CleanupLedger ledger = CleanupLedger.open(Context.empty(), "test");
                CountDownLatch started = new CountDownLatch(1);
                BaseSubscriber<String> consumer = new BaseSubscriber<>() {
                    @Override
                    protected void hookOnNext(String line) {
                        started.countDown();
                    }

                    @Override
                    public Context currentContext() {
                        return ledger.storeIn(Context.empty());
                    }
                };
                AsyncFiles.lines(file).subscribe(consumer);
                assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();
                consumer.cancel();
                awaitCleanup(ledger);
                assertThat(openFiles()).isEmpty();
            }
        }
    }

    @Nested
    class Writes {

        private final Path target() {
            return directory.resolve("out");
        }

        private Flux<ByteBuffer> buffers(String... texts) {
            return Flux.just(texts).map(text -> ByteBuffer.wrap(text.getBytes(UTF_8)));
        }

        @Test
        void whatIsReadBackIsEqual() throws IOException {
            StepVerifier.create(AsyncFiles.write(target(), buffers("grüße", ", ", "世界")))
                    .expectNext((long) "grüße, 世界".getBytes(UTF_8).length)
                    .expectComplete()
                    .verify(LIMIT);
            assertThat(target()).content(UTF_8).isEqualTo("grüße, 世界");
            StepVerifier.create(AsyncFiles.readString(target()))
                    .expectNext("grüße, 世界")
                    .expectComplete()
                    .verify(LIMIT);
        }

        @Test
        void aFileIsCopiedByteForByte() throws IOException {
            byte[] bytes = new byte[1_000_000];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (i * 31);
            }
            Path source = Files.write(directory.resolve("source"), bytes);
            assertThat(AsyncFiles.write(target(), AsyncFiles.read(source)).block(LIMIT))
                    .isEqualTo(bytes.length);
            assertThat(target()).binaryContent().isEqualTo(bytes);
        }

        @Test
        void replacesWhatWasThereByDefault() throws IOException {
            Files.writeString(target(), "something longer");
            AsyncFiles.write(target(), buffers("new")).block(LIMIT);
            assertThat(target()).content().isEqualTo("new");
        }

        @Test
        void passesOptionsOn() throws IOException {
            AsyncFiles.writeString(target(), "a").block(LIMIT);
            AsyncFiles.writeString(target(), "b", StandardOpenOption.APPEND).block(LIMIT);
            assertThat(target()).content().isEqualTo("ab");
            StepVerifier.create(AsyncFiles.writeString(target(), "c", StandardOpenOption.CREATE_NEW))
                    .expectError(FileAlreadyExistsException.class)
                    .verify(LIMIT);
            Files.delete(target());
            AsyncFiles.writeString(target(), "d", StandardOpenOption.CREATE_NEW).block(LIMIT);
            assertThat(target()).content().isEqualTo("d");
        }

        @Test
        void asksForOneBufferAfterTheOther() {
            List<Long> requests = new ArrayList<>();
            AsyncFiles.write(target(), buffers("a", "b").doOnRequest(requests::add))
                    .block(LIMIT);
            assertThat(requests).containsOnly(1L);
        }

        @Test
        void leavesTheBuffersAsTheyAre() throws IOException {
            ByteBuffer shared = ByteBuffer.wrap("again".getBytes(UTF_8));
            Mono<Long> write =
                    AsyncFiles.write(target(), Flux.just(shared), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            assertThat(write.block(LIMIT)).isEqualTo(5);
            assertThat(write.block(LIMIT)).isEqualTo(5);
            assertThat(target()).content().isEqualTo("againagain");
        }

        @Test
        void takesDirectBuffersAndSlices() throws IOException {
            ByteBuffer direct = ByteBuffer.allocateDirect(200_000);
            while (direct.hasRemaining()) {
                direct.put((byte) 'x');
            }
            direct.position(10).limit(150_000);
            assertThat(AsyncFiles.write(target(), Flux.just(direct)).block(LIMIT))
                    .isEqualTo(149_990);
            assertThat(target()).hasSize(149_990);
        }

        @Test
        void nothingHappensWithoutDemand() {
            StepVerifier.create(AsyncFiles.write(target(), buffers("a")), 0)
                    .expectSubscription()
                    .thenCancel()
                    .verify(LIMIT);
            assertThat(target()).doesNotExist();
        }

        @Test
        void anErrorOfTheContentIsSignalledWhenTheFileIsClosed() throws IOException {
            List<List<String>> open = new ArrayList<>();
            StepVerifier.create(AsyncFiles.write(
                                    target(), buffers("a").concatWith(Mono.error(new IllegalStateException("no more"))))
                            .doOnError(error -> open.add(openFiles())))
                    .expectErrorMessage("no more")
                    .verify(LIMIT);
            assertThat(open).containsExactly(List.of());
            assertThat(target()).content().isEqualTo("a");
        }

        @Test
        void aFileThatCannotBeOpenedLeavesTheContentAlone() {
            PublisherProbe<ByteBuffer> content = PublisherProbe.of(buffers("a"));
            StepVerifier.create(AsyncFiles.write(directory.resolve("no/such/place"), content.flux()))
                    .expectError(NoSuchFileException.class)
                    .verify(LIMIT);
            content.assertWasNotSubscribed();
        }

        @Test
        void aFailingWriteCancelsTheContent() {
            PublisherProbe<ByteBuffer> content = PublisherProbe.of(buffers("a").concatWith(Mono.never()));
            StepVerifier.create(AsyncFiles.write(Path.of("/dev/full"), content.flux(), StandardOpenOption.WRITE))
                    .expectErrorSatisfies(error -> assertThat(error).isInstanceOf(IOException.class))
                    .verify(LIMIT);
            content.assertWasCancelled();
        }

        @Test
        void cancelCancelsTheContentAndTheScopeWaitsForTheClosing() {
            for (int round = 0; round < 50; round++) {
                CleanupLedger ledger = CleanupLedger.open(Context.empty(), "test");
                TestPublisher<ByteBuffer> content = TestPublisher.create();
                StepVerifier.create(AsyncFiles.write(target(), content).contextWrite(ledger::storeIn))
                        .expectSubscription()
                        .then(() -> awaitSubscription(content))
                        .then(() -> content.next(ByteBuffer.wrap(new byte[100])))
                        .thenCancel()
                        .verify(LIMIT);
                awaitCleanup(ledger);
                content.assertWasCancelled();
                assertThat(openFiles()).isEmpty();
            }
        }

        private void awaitSubscription(TestPublisher<?> content) {
            long end = System.nanoTime() + LIMIT.toNanos();
            while (!content.wasSubscribed() && System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            content.assertWasSubscribed();
        }

        @Test
        void halfASurrogatePairIsAnErrorAndTheFileStays() throws IOException {
            Files.writeString(target(), "precious");
            StepVerifier.create(AsyncFiles.writeString(target(), "\uD834"))
                    .expectError(CharacterCodingException.class)
                    .verify(LIMIT);
            assertThat(target()).content().isEqualTo("precious");
        }

        @Test
        void argumentsAreChecked() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> AsyncFiles.writeString(target(), "a", StandardOpenOption.READ))
                    .withMessageStartingWith("options must not contain READ");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> AsyncFiles.writeString(
                            target(), "a", StandardOpenOption.APPEND, StandardOpenOption.TRUNCATE_EXISTING));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> AsyncFiles.tail(target(), Duration.ZERO))
                    .withMessage("poll must be positive, but is PT0S");
            assertThatNullPointerException()
                    .isThrownBy(() -> AsyncFiles.lines(none()))
                    .withMessage("file");
            assertThatNullPointerException()
                    .isThrownBy(() -> AsyncFiles.writeString(target(), none()))
                    .withMessage("text");
        }

        private static <T> T none() {
            return java.util.Map.<String, T>of().get("none");
        }
    }

    @Nested
    class EventLoops {

        /** BlockHound would fail whatever blocks on a parallel thread. */
        @Test
        void areNeverBlocked() throws IOException {
            Path file = file("a\nb\n");
            Mono<Long> all = Mono.zip(
                            AsyncFiles.lines(file).count(),
                            AsyncFiles.readString(file),
                            AsyncFiles.write(directory.resolve("copy"), AsyncFiles.read(file)),
                            AsyncFiles.tail(file, Duration.ofMillis(5)).take(2).count())
                    .map(results -> results.getT1() + results.getT3() + results.getT4())
                    .subscribeOn(Schedulers.parallel());
            StepVerifier.create(all).expectNext(8L).expectComplete().verify(LIMIT);
            AtomicLong sinceCancel = new AtomicLong(System.nanoTime());
            while (!openFiles().isEmpty() && System.nanoTime() - sinceCancel.get() < LIMIT.toNanos()) {
                Thread.onSpinWait();
            }
        }

        @Test
        void noThreadIsHeldWhileNobodyAsks() throws IOException {
            Path file = file("a\nb\n");
            int more = 10 * Runtime.getRuntime().availableProcessors() + 10;
            List<BaseSubscriber<String>> idle = new ArrayList<>();
            AtomicInteger started = new AtomicInteger();
            for (int i = 0; i < more; i++) {
                BaseSubscriber<String> consumer = new BaseSubscriber<>() {
                    @Override
                    protected void hookOnSubscribe(org.reactivestreams.Subscription subscription) {
                        subscription.request(1);
                    }

                    @Override
                    protected void hookOnNext(String line) {
                        started.incrementAndGet();
                    }
                };
                idle.add(consumer);
                AsyncFiles.lines(file).subscribe(consumer);
            }
            assertThat(AsyncFiles.lines(file).collectList().block(LIMIT)).containsExactly("a", "b");
            long end = System.nanoTime() + LIMIT.toNanos();
            while (started.get() < more && System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            assertThat(started).hasValue(more);
            idle.forEach(BaseSubscriber::cancel);
            while (!openFiles().isEmpty() && System.nanoTime() < end) {
                Thread.onSpinWait();
            }
        }
    }
}
