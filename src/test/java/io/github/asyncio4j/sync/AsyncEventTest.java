package io.github.asyncio4j.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.internal.Expiry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

class AsyncEventTest {

    private final AsyncEvent event =
            AsyncEvent.builder().name("warm").maxWaiters(3).build();

    private static void runAll(Queue<Runnable> scheduled) {
        while (!scheduled.isEmpty()) {
            scheduled.remove().run();
        }
    }

    @Test
    void waitingOnASetEventDoesNotWait() {
        event.set();
        event.set();
        assertThat(event.isSet()).isTrue();
        StepVerifier.create(event.await()).verifyComplete();
        event.clear();
        assertThat(event.isSet()).isFalse();
    }

    @Test
    void setWakesAllCurrentWaitersInOrder() {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int index = i;
            event.await().doOnSuccess(nothing -> order.add(index)).subscribe();
        }
        assertThat(order).isEmpty();
        event.set();
        assertThat(order).containsExactly(0, 1, 2);
        assertThat(event.statistics()).isEqualTo(new SyncStatistics(0, 0, 3, 0, 3));
    }

    @Test
    void setWakesThemEvenIfClearFollowsAtOnce() {
        Queue<Runnable> scheduled = new ArrayDeque<>();
        Scheduler scheduler = Schedulers.fromExecutor(scheduled::add);
        AsyncEvent deferred = AsyncEvent.builder().scheduler(scheduler).build();
        List<Boolean> seen = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            deferred.await().doOnSuccess(nothing -> seen.add(deferred.isSet())).subscribe();
        }
        deferred.set();
        deferred.clear();
        runAll(scheduled);
        assertThat(seen).containsExactly(false, false, false);
        Disposable late = deferred.await().subscribe();
        assertThat(deferred.statistics().waiting()).isEqualTo(1);
        late.dispose();
    }

    @Test
    void aWaiterThatClearsDoesNotHoldBackThoseBehindHim() {
        AtomicInteger woken = new AtomicInteger();
        event.await().doOnSuccess(nothing -> event.clear()).subscribe();
        event.await().doOnSuccess(nothing -> woken.incrementAndGet()).subscribe();
        event.set();
        assertThat(woken).hasValue(1);
    }

    @Test
    void aCancelledWaitLeavesNoTrace() {
        event.await().subscribe().dispose();
        StepVerifier.create(event.await(), 0).thenCancel().verify();
        event.set();
        assertThat(event.statistics()).isEqualTo(new SyncStatistics(0, 0, 0, 1, 1));
    }

    @Test
    void theLineIsBounded() {
        List<Disposable> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            all.add(event.await().subscribe());
        }
        StepVerifier.create(event.await())
                .verifyErrorMessage("AsyncEvent 'warm' has 3 waiters already, as many as it allows");
        all.forEach(Disposable::dispose);
        assertThat(event.statistics().waiting()).isZero();
    }

    @Test
    void anExpiredDeadlineFailsTheWaitAtOnce() {
        Expiry expired = () -> -1;
        Mono<Void> await = event.await().contextWrite(expired::storeIn);
        StepVerifier.create(await).verifyError(TimeoutException.class);
        event.set();
        StepVerifier.create(await).verifyComplete();
    }

    @Test
    void aHundredThousandWaitersThatSetTheNextDoNotOverflowTheStack() {
        AsyncEvent current = AsyncEvent.create();
        AsyncEvent first = current;
        AtomicInteger done = new AtomicInteger();
        for (int i = 0; i < 100_000; i++) {
            AsyncEvent next = AsyncEvent.create();
            current.await()
                    .doOnSuccess(nothing -> {
                        done.incrementAndGet();
                        next.set();
                    })
                    .subscribe();
            current = next;
        }
        first.set();
        assertThat(done).hasValue(100_000);
        assertThat(current.isSet()).isTrue();
    }

    @Test
    void describesItself() {
        assertThat(event).hasToString("AsyncEvent 'warm'[not set, 0 waiting]");
        event.set();
        assertThat(event).hasToString("AsyncEvent 'warm'[set, 0 waiting]");
        assertThat(Scannable.from(event.await()).name()).isEqualTo("AsyncEvent 'warm'");
    }
}
