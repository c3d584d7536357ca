package io.github.asyncio4j.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.util.RaceTestUtils;

/** Two threads meet at the same point, ten thousand times; the books balance afterwards. */
class AsyncQueueRaceTest {

    private static final int ROUNDS = 10_000;
    private static final Consumer<Throwable> IGNORE = error -> {};

    /**
     * Once it is given an item it takes it, even if it is being cancelled. Most operators in between, and those of Reactor's
     * own {@code subscribe}, drop it then; only where that one stands right behind the queue can the queue find out.
     */
    private static final class Receiver<T> extends BaseSubscriber<T> {
        private final Consumer<T> receive;

        Receiver(Consumer<T> receive) {
            this.receive = receive;
        }

        @Override
        protected void hookOnNext(T item) {
            receive.accept(item);
        }

        @Override
        protected void hookOnError(Throwable error) {}
    }

    /** A clock with one timer. Reactor's virtual clock loses tasks that are scheduled while another thread moves it. */
    private static final class Alarm implements Scheduler {
        private final AtomicReference<Runnable> timer = new AtomicReference<>();

        void ring() {
            Runnable task = timer.getAndSet(null);
            if (task != null) {
                task.run();
            }
        }

        @Override
        public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
            timer.set(task);
            return () -> timer.set(null);
        }

        @Override
        public Disposable schedule(Runnable task) {
            task.run();
            return Disposables.disposed();
        }

        @Override
        public Worker createWorker() {
            throw new UnsupportedOperationException();
        }
    }

    private static <T> List<T> left(AsyncQueue<T> queue) {
        List<T> items = new ArrayList<>();
        for (Optional<T> item = queue.poll(); item.isPresent(); item = queue.poll()) {
            items.add(item.get());
        }
        return items;
    }

    private static void assertNobodyWaits(AsyncQueue<?> queue) {
        assertThat(queue.statistics().waitingToPut()).isZero();
        assertThat(queue.statistics().waitingToTake()).isZero();
    }

    @Test
    void cancelledTakeAgainstPutLosesNothing() {
        for (int round = 0; round < ROUNDS; round++) {
            AsyncQueue<Integer> queue = AsyncQueue.bounded(1);
            Queue<Integer> taken = new ConcurrentLinkedQueue<>();
            Disposable take = queue.take().subscribeWith(new Receiver<>(taken::add));
            int item = round;
            RaceTestUtils.race(take::dispose, () -> queue.offer(item));
            taken.addAll(left(queue));
            assertThat(taken).containsExactly(item);
            assertNobodyWaits(queue);
        }
    }

    /** Reactor's own subscriber drops what meets its dispose; the queue finds out. */
    @Test
    void disposedTakeAgainstPutLosesNothing() {
        for (int round = 0; round < 2 * ROUNDS; round++) {
            AsyncQueue<Integer> queue = AsyncQueue.bounded(1);
            Queue<Integer> taken = new ConcurrentLinkedQueue<>();
            Disposable take = queue.take().subscribe(taken::add);
            int item = round;
            RaceTestUtils.race(take::dispose, () -> queue.offer(item));
            taken.addAll(left(queue));
            assertThat(taken).containsExactly(item);
            assertNobodyWaits(queue);
        }
    }

    @Test
    void cancelledTakeHandsItsItemToTheNextInLine() {
        for (int round = 0; round < ROUNDS; round++) {
            AsyncQueue<Integer> queue = AsyncQueue.rendezvous();
            Queue<Integer> first = new ConcurrentLinkedQueue<>();
            Queue<Integer> second = new ConcurrentLinkedQueue<>();
            Disposable take = queue.take().subscribeWith(new Receiver<>(first::add));
            queue.take().subscribe(second::add);
            int item = round;
            RaceTestUtils.race(
                    take::dispose, () -> assertThat(queue.offer(item)).isTrue());
            assertThat(first.size() + second.size()).isOne();
            assertThat(queue.isEmpty()).isTrue();
            queue.shutdown();
        }
    }

    /** An item that was put is there; one whose put was cancelled while it waited is not, never both or neither. */
    @Test
    void cancelledPutAgainstTakeIsPutOrNot() {
        for (int round = 0; round < ROUNDS; round++) {
            AsyncQueue<Integer> queue = AsyncQueue.bounded(1);
            queue.offer(-1);
            AtomicInteger completed = new AtomicInteger();
            Disposable put = queue.put(round).subscribe(null, null, completed::incrementAndGet);
            RaceTestUtils.race(put::dispose, queue::poll);
            List<Integer> items = left(queue);
            assertThat(items.size()).isGreaterThanOrEqualTo(completed.get());
            assertThat(items).hasSizeLessThanOrEqualTo(1);
            assertThat(queue.statistics().put()).isEqualTo(1 + items.size());
            assertNobodyWaits(queue);
        }
    }

    /** Who was told that the time is up finds his item not in the queue, who was not finds it there. */
    @Test
    void timedOutPutAgainstTakeIsPutOrNot() {
        for (int round = 0; round < ROUNDS; round++) {
            Alarm clock = new Alarm();
            AsyncQueue<Integer> queue =
                    AsyncQueue.<Integer>builder().capacity(1).scheduler(clock).build();
            queue.offer(-1);
            Queue<String> end = new ConcurrentLinkedQueue<>();
            queue.put(round, Duration.ofSeconds(1)).subscribe(null, error -> end.add("timeout"), () -> end.add("put"));
            RaceTestUtils.race(clock::ring, queue::poll);
            assertThat(end).hasSize(1);
            assertThat(left(queue)).hasSize(end.peek().equals("put") ? 1 : 0);
        }
    }

    @Test
    void timedOutTakeAgainstPutLosesNothing() {
        for (int round = 0; round < ROUNDS; round++) {
            Alarm clock = new Alarm();
            AsyncQueue<Integer> queue =
                    AsyncQueue.<Integer>builder().scheduler(clock).build();
            Queue<Object> end = new ConcurrentLinkedQueue<>();
            queue.take(Duration.ofSeconds(1)).subscribe(end::add, error -> end.add("timeout"));
            int item = round;
            RaceTestUtils.race(clock::ring, () -> queue.offer(item));
            List<Integer> items = left(queue);
            assertThat(end).hasSize(1);
            assertThat(items).hasSize(end.peek().equals("timeout") ? 1 : 0);
        }
    }

    @Test
    void shutdownAgainstPutAndTake() {
        for (int round = 0; round < ROUNDS; round++) {
            AsyncQueue<Integer> queue = AsyncQueue.bounded(1);
            Queue<Object> ends = new ConcurrentLinkedQueue<>();
            int item = round;
            RaceTestUtils.race(
                    queue::shutdown,
                    () -> queue.put(item).subscribe(null, error -> ends.add("refused"), () -> ends.add("put")),
                    () -> queue.take().subscribe(taken -> ends.add("taken"), error -> ends.add("ended")));
            assertThat(ends).hasSize(2);
            // An item that nobody took because the taker came too early is still there.
            boolean put = ends.contains("put");
            boolean taken = ends.contains("taken");
            assertThat(queue.size()).isEqualTo(put && !taken ? 1 : 0);
            assertThat(taken && !put).isFalse();
            assertNobodyWaits(queue);
        }
    }

    @Test
    void shutdownNowAgainstPutDiscardsOrRefuses() {
        for (int round = 0; round < ROUNDS; round++) {
            Queue<Object> discarded = new ConcurrentLinkedQueue<>();
            AsyncQueue<Integer> queue =
                    AsyncQueue.<Integer>builder().onDiscard(discarded::add).build();
            int item = round;
            AtomicInteger accepted = new AtomicInteger();
            RaceTestUtils.race(queue::shutdownNow, () -> accepted.addAndGet(queue.offer(item) ? 1 : 0));
            assertThat(discarded).hasSize(accepted.get());
            assertThat(queue.statistics().unfinished()).isZero();
        }
    }

    @Test
    void joinAgainstTaskDone() {
        for (int round = 0; round < ROUNDS; round++) {
            AsyncQueue<Integer> queue = AsyncQueue.bounded(1);
            queue.offer(round);
            AtomicInteger joined = new AtomicInteger();
            RaceTestUtils.race(() -> queue.join().subscribe(null, null, joined::incrementAndGet), queue::taskDone);
            assertThat(joined).hasValue(1);
        }
    }

    @Test
    void consumerCancelAgainstPutLosesNothing() {
        for (int round = 0; round < ROUNDS; round++) {
            AsyncQueue<Integer> queue = AsyncQueue.bounded(1);
            Queue<Integer> seen = new ConcurrentLinkedQueue<>();
            Disposable consumer = queue.asFlux().subscribe(seen::add);
            int item = round;
            RaceTestUtils.race(consumer::dispose, () -> queue.offer(item));
            assertThat(queue.statistics().unfinished()).isEqualTo(queue.size());
            seen.addAll(left(queue));
            assertThat(seen).containsExactly(item);
            assertNobodyWaits(queue);
        }
    }

    @Test
    void consumerRequestAgainstPutAgainstShutdown() {
        for (int round = 0; round < ROUNDS; round++) {
            AsyncQueue<Integer> queue = AsyncQueue.bounded(1);
            List<String> signals = Collections.synchronizedList(new ArrayList<>());
            BaseSubscriber<Integer> consumer = new BaseSubscriber<>() {
                @Override
                protected void hookOnSubscribe(Subscription subscription) {}

                @Override
                protected void hookOnNext(Integer value) {
                    signals.add("item");
                }

                @Override
                protected void hookOnComplete() {
                    signals.add("end");
                }
            };
            queue.asFlux().subscribe(consumer);
            AtomicInteger accepted = new AtomicInteger();
            RaceTestUtils.race(
                    () -> consumer.request(1), () -> accepted.addAndGet(queue.offer(1) ? 1 : 0), queue::shutdown);
            if (accepted.get() == 1) {
                assertThat(signals).containsExactly("item", "end");
            } else {
                assertThat(signals).containsExactly("end");
            }
            assertThat(queue.statistics().unfinished()).isZero();
        }
    }

    @Test
    void drainFailureAgainstCancel() {
        for (int round = 0; round < ROUNDS; round++) {
            AsyncQueue<Integer> queue = AsyncQueue.unbounded();
            queue.offer(1);
            Sinks.Empty<Void> work = Sinks.empty();
            AtomicInteger ends = new AtomicInteger();
            Disposable drain = queue.drain(2, item -> work.asMono())
                    .contextWrite(context -> context.put("reactor.onErrorDropped.local", IGNORE))
                    .subscribe(null, error -> ends.incrementAndGet());
            RaceTestUtils.race(drain::dispose, () -> work.tryEmitError(new IllegalStateException("bad")));
            assertThat(ends).hasValueLessThanOrEqualTo(1);
            assertThat(queue.statistics().unfinished()).isZero();
            assertNobodyWaits(queue);
        }
    }

    /**
     * Eight threads, a million operations: puts, takes, offers and polls, with cancels and time limits at random. What went
     * in has come out or is still there, each once, and nobody is left waiting.
     */
    @Test
    void aMillionOperationsConserveEveryItem() throws InterruptedException {
        conserve(AsyncQueue.bounded(16), 1_000_000);
    }

    @Test
    void soItIsWithoutAPlaceInBetween() throws InterruptedException {
        conserve(AsyncQueue.rendezvous(), 200_000);
    }

    private static void conserve(AsyncQueue<Integer> queue, int operations) throws InterruptedException {
        int threads = 8;
        AtomicLong out = new AtomicLong();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        for (int t = 0; t < threads; t++) {
            SplittableRandom random = new SplittableRandom(t);
            pool.execute(() -> {
                Disposable[] pending = new Disposable[8];
                for (int i = 0; i < operations / threads; i++) {
                    int item = i;
                    Disposable started = null;
                    switch (random.nextInt(6)) {
                        case 0, 1 ->
                            started = put(queue, item, random.nextInt(50) == 0).subscribe(null, error -> {}, () -> {});
                        case 2, 3 ->
                            started = take(queue, random.nextInt(50) == 0)
                                    .subscribeWith(new Receiver<>(got -> out.incrementAndGet()));
                        case 4 -> queue.offer(item);
                        default -> queue.poll().ifPresent(got -> out.incrementAndGet());
                    }
                    int slot = random.nextInt(pending.length);
                    if (started != null) {
                        if (pending[slot] != null) {
                            pending[slot].dispose();
                        }
                        pending[slot] = started;
                    }
                }
                for (Disposable one : pending) {
                    if (one != null) {
                        one.dispose();
                    }
                }
            });
        }
        pool.shutdown();
        assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        QueueStatistics end = queue.statistics();
        out.addAndGet(left(queue).size());
        assertThat(end.waitingToPut()).isZero();
        assertThat(end.waitingToTake()).isZero();
        assertThat(out.get()).isEqualTo(end.put()).isEqualTo(queue.statistics().taken());
        assertThat(end.unfinished()).isEqualTo(end.put());
        assertThat(queue.isEmpty()).isTrue();
    }

    private static Mono<Void> put(AsyncQueue<Integer> queue, int item, boolean limited) {
        return limited ? queue.put(item, Duration.ofNanos(50_000)) : queue.put(item);
    }

    private static Mono<Integer> take(AsyncQueue<Integer> queue, boolean limited) {
        return limited ? queue.take(Duration.ofNanos(50_000)) : queue.take();
    }

    /** With consumers that come and go, all that was put is seen exactly once. */
    @Test
    void consumersThatComeAndGoMissNothing() {
        int items = 50_000;
        AsyncQueue<Integer> queue = AsyncQueue.bounded(4);
        boolean[] seen = new boolean[items];
        AtomicInteger count = new AtomicInteger();
        Mono<Void> producer = Flux.range(0, items)
                .publishOn(Schedulers.parallel())
                .concatMap(queue::put)
                .then();
        Mono<Long> consumer = Flux.defer(() -> queue.asFlux().take(7))
                .repeat(() -> count.get() < items)
                .takeWhile(item -> !queue.isShutdown())
                .doOnNext(item -> {
                    assertThat(seen[item]).isFalse();
                    seen[item] = true;
                    if (count.incrementAndGet() == items) {
                        queue.shutdown();
                    }
                })
                .count();
        assertThat(Mono.zip(consumer, producer.thenReturn(1))
                        .map(both -> both.getT1())
                        .block(Duration.ofSeconds(30)))
                .isEqualTo(items);
        assertThat(queue.statistics().unfinished()).isZero();
    }
}
