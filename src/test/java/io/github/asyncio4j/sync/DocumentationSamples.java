package io.github.asyncio4j.sync;

import io.github.asyncio4j.task.Tasks;
import java.util.List;
import java.util.Queue;
import reactor.core.publisher.Mono;

/** What the Javadoc of this package shows, for the compiler. {@code DocumentationTest} compares. */
@SuppressWarnings("unused")
final class DocumentationSamples {

    private DocumentationSamples() {}

    record Job(int id) {}

    record Token(boolean isFresh) {}

    private static Mono<Void> loadPart() {
        return Mono.empty();
    }

    private static Mono<Void> publishAll() {
        return Mono.empty();
    }

    private static Mono<Token> refresh() {
        return Mono.just(new Token(true));
    }

    private static Mono<Integer> readBalance(String accountId) {
        return Mono.just(accountId.length());
    }

    private Mono<Void> book(int balance) {
        return Mono.empty();
    }

    private static Mono<String> fetch(String url) {
        return Mono.empty();
    }

    void asyncBarrier() {
        // region asyncBarrier
        AsyncBarrier barrier = AsyncBarrier.create(3);
        Mono<Void> worker = loadPart().then(barrier.await()).flatMap(index -> index == 0 ? publishAll() : Mono.empty());
        // endregion
    }

    void asyncCondition(AsyncLock lock, Queue<Job> jobs, Job job) {
        // region asyncCondition
        AsyncCondition notEmpty = lock.newCondition();
        Mono<Job> take =
                notEmpty.withLock(held -> held.awaitUntil(() -> !jobs.isEmpty()).then(Mono.fromCallable(jobs::poll)));
        Mono<Void> put = notEmpty.withLock(held -> Mono.fromRunnable(() -> {
            jobs.add(job);
            held.signal(1);
        }));
        // endregion
    }

    void asyncEvent(String url) {
        // region asyncEvent
        AsyncEvent warm = AsyncEvent.create();
        Mono<String> page = warm.await().then(fetch(url));
        warm.set();
        // endregion
    }

    void asyncLock(Token cached) {
        // region asyncLock
        AsyncLock lock = AsyncLock.create();
        Mono<Token> token = lock.withLock(Mono.defer(() -> cached.isFresh() ? Mono.just(cached) : refresh()));
        // endregion
    }

    void asyncSemaphore(String url) {
        // region asyncSemaphore
        AsyncSemaphore hosts = AsyncSemaphore.create(10);
        Mono<String> page = hosts.withPermit(fetch(url));
        // endregion
    }

    void keyedLocks(String accountId) {
        // region keyedLocks
        KeyedLocks<String> accounts = KeyedLocks.create();
        Mono<Void> booked = accounts.withLock(accountId, readBalance(accountId).flatMap(this::book));
        // endregion
    }

    void permit(AsyncSemaphore semaphore, String url) {
        // region permit
        Mono<String> page = semaphore.acquire().flatMap(permit -> fetch(url).doFinally(end -> permit.release()));
        // endregion
    }

    void syncBuilder() {
        // region syncBuilder
        AsyncLock lock = AsyncLock.builder().name("cache").maxWaiters(1_000).build();
        // endregion
    }

    void limitedFanOut(List<String> urls) {
        // region limitedFanOut
        AsyncSemaphore hosts = AsyncSemaphore.create(10);
        Mono<List<String>> pages = Tasks.gather(
                urls.stream().map(url -> hosts.withPermit(fetch(url))).toList());
        // endregion
    }

    void asyncConditionHeld(AsyncCondition condition, Queue<Job> jobs) {
        // region asyncConditionHeld
        Mono<Job> next = condition.withLock(
                held -> held.awaitUntil(() -> !jobs.isEmpty()).then(Mono.fromSupplier(jobs::remove)));
        // endregion
    }

    void asyncSemaphoreBuilder() {
        // region asyncSemaphoreBuilder
        AsyncSemaphore connections = AsyncSemaphore.builder()
                .permits(10)
                .name("connections")
                .maxWaiters(500)
                .build();
        // endregion
    }
}
