package io.github.asyncio4j.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

class KeyedLocksTest {

    private final KeyedLocks<String> locks =
            KeyedLocks.<String>builder().name("accounts").maxWaiters(2).build();

    @Test
    void oneAtATimeForEachKey() {
        Sinks.One<String> first = Sinks.one();
        List<String> order = new ArrayList<>();
        locks.withLock("a", first.asMono()).subscribe(order::add);
        locks.withLock("a", Mono.fromCallable(() -> "second a")).subscribe(order::add);
        locks.withLock("b", Mono.fromCallable(() -> "b")).subscribe(order::add);
        assertThat(order).containsExactly("b");
        assertThat(locks.size()).isEqualTo(1);
        assertThat(locks.isLocked("a")).isTrue();
        assertThat(locks.isLocked("b")).isFalse();
        assertThat(locks.statistics()).isEqualTo(new SyncStatistics(1, 1, 2, 0, 2));
        first.tryEmitValue("first a");
        assertThat(order).containsExactly("b", "first a", "second a");
        assertThat(locks.size()).isZero();
        assertThat(locks.statistics()).isEqualTo(new SyncStatistics(0, 0, 3, 0, 2));
    }

    @Test
    void theKeyIsGoneBeforeTheEndIsSignalled() {
        List<Integer> sizes = new ArrayList<>();
        locks.withLock("a", Mono.just(1))
                .doOnNext(value -> sizes.add(locks.size()))
                .doOnTerminate(() -> sizes.add(locks.size()))
                .block();
        StepVerifier.create(locks.withLock("a", Mono.error(new IllegalStateException()))
                        .doOnError(e -> sizes.add(locks.size())))
                .verifyError();
        assertThat(sizes).containsExactly(0, 0, 0);
    }

    @Test
    void everyWayOutFreesTheKey() {
        Disposable holder = locks.withLock("a", Mono.never()).subscribe();
        Disposable waiter = locks.withLock("a", Mono.never()).subscribe();
        locks.withLock("a", Mono.never()).subscribe().dispose();
        waiter.dispose();
        holder.dispose();
        assertThat(locks.size()).isZero();
        StepVerifier.create(locks.withLock("a", Mono.never()), 0)
                .expectSubscription()
                .thenCancel()
                .verify();
        assertThat(locks.size()).isZero();
        assertThat(locks.statistics().cancelled()).isEqualTo(2);
    }

    @Test
    void aTimeLimitFreesTheKeyToo() {
        Disposable holder = locks.withLock("a", Mono.never()).subscribe();
        StepVerifier.withVirtualTime(() -> locks.withLock("a", Mono.never(), Duration.ofSeconds(1)))
                .thenAwait(Duration.ofSeconds(1))
                .verifyErrorMessage("gave up waiting for KeyedLocks 'accounts'[a] after PT1S");
        holder.dispose();
        assertThat(locks.size()).isZero();
    }

    @Test
    void theLineOfAKeyIsBounded() {
        List<Disposable> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            all.add(locks.withLock("a", Mono.never()).subscribe());
        }
        StepVerifier.create(locks.withLock("a", Mono.never())).verifyError(TooManyWaitersException.class);
        assertThat(locks.withLock("b", Mono.just(1)).block()).isEqualTo(1);
        all.forEach(Disposable::dispose);
        assertThat(locks.size()).isZero();
    }

    @Test
    void theSameKeyInsideItselfFailsAnotherDoesNot() {
        StepVerifier.create(locks.withLock("a", locks.withLock("a", Mono.just(1))))
                .verifyError(IllegalStateException.class);
        assertThat(locks.withLock("a", locks.withLock("b", Mono.just(1))).block())
                .isEqualTo(1);
        assertThat(locks.size()).isZero();
    }

    @Test
    void aMillionKeysLeaveNothing() {
        KeyedLocks<Integer> many = KeyedLocks.create();
        for (int key = 0; key < 1_000_000; key++) {
            many.withLock(key, Mono.empty()).subscribe();
        }
        assertThat(many.size()).isZero();
        assertThat(many.statistics()).isEqualTo(new SyncStatistics(0, 0, 1_000_000, 0, 1));
    }

    @Test
    void describesItselfAndChecksItsArguments() {
        assertThat(locks).hasToString("KeyedLocks 'accounts'[0 keys in use]");
        assertThatNullPointerException()
                .isThrownBy(() -> locks.withLock(null, Mono.empty()))
                .withMessage("key");
    }
}
