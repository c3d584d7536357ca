package io.github.asyncio4j.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.internal.CleanupLedger;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.util.RaceTestUtils;
import reactor.util.context.Context;

/** Opening, body, closing and cancel in the same instant: what was opened is closed once, and no ledger entry is left. */
class ResourceRacesTest {

    private static final int ROUNDS = 10_000;

    private final List<Throwable> dropped = new CopyOnWriteArrayList<>();
    private Scheduler racers;

    @BeforeEach
    void watchDrops() {
        // A thread for each: two racers in line for one would wait for each other.
        racers = Schedulers.fromExecutorService(Executors.newCachedThreadPool());
        Hooks.onErrorDropped(dropped::add);
    }

    @AfterEach
    void nothingWasDropped() {
        Hooks.resetOnErrorDropped();
        racers.dispose();
        assertThat(dropped).isEmpty();
    }

    private static final class Round {
        final CleanupLedger ledger = CleanupLedger.open(Context.empty(), "round");
        final AtomicReference<MonoSink<String>> opening = new AtomicReference<>();
        final Sinks.One<String> body = Sinks.unsafe().one();
        final Sinks.Empty<Void> closing = Sinks.unsafe().empty();
        final AtomicInteger opened = new AtomicInteger();
        final AtomicInteger closed = new AtomicInteger();
        final AtomicInteger seen = new AtomicInteger();
        final AtomicInteger ends = new AtomicInteger();
        final Disposable subscription;

        Round(Function<Round, Publisher<String>> use) {
            subscription = Flux.from(use.apply(this))
                    .contextWrite(ledger.storeIn(
                            Context.of("reactor.onDiscard.local", (Consumer<Object>) value -> seen.incrementAndGet())))
                    .subscribe(value -> seen.incrementAndGet(), error -> ends.incrementAndGet(), ends::incrementAndGet);
        }

        AsyncResource<String> resource() {
            return AsyncResource.of(
                    Mono.<String>create(opening::set).doOnNext(value -> opened.incrementAndGet()),
                    value -> closing.asMono().doOnSubscribe(s -> closed.incrementAndGet()));
        }

        void open() {
            opening.get().success("r");
        }

        void emit() {
            body.tryEmitValue("x");
        }

        void isOver() {
            assertThat(closed).hasValue(opened.get());
            assertThat(ledger.isEmpty()).isTrue();
            assertThat(ends.get()).isLessThanOrEqualTo(1);
        }
    }

    @Test
    void openingAgainstCancel() {
        for (int i = 0; i < ROUNDS; i++) {
            Round round = new Round(r -> r.resource().use(value -> Mono.never()));
            round.closing.tryEmitEmpty();
            RaceTestUtils.race(racers, round::open, round.subscription::dispose);
            assertThat(round.opened).hasValue(1);
            round.isOver();
        }
    }

    @Test
    void bodyAgainstCancelAgainstClosing() {
        for (int i = 0; i < ROUNDS; i++) {
            Round round = new Round(r -> r.resource().use(value -> r.body.asMono()));
            round.open();
            RaceTestUtils.race(racers, round::emit, round.subscription::dispose, () -> round.closing.tryEmitEmpty());
            round.isOver();
            assertThat(round.seen.get()).isLessThanOrEqualTo(1);
            assertThat(round.closed).hasValue(1);
        }
    }

    @Test
    void streamAgainstCancel() {
        for (int i = 0; i < ROUNDS; i++) {
            Round round =
                    new Round(r -> r.resource().useMany(value -> r.body.asMono().flux()));
            round.open();
            round.closing.tryEmitEmpty();
            RaceTestUtils.race(racers, round::emit, round.subscription::dispose);
            round.isOver();
        }
    }

    @Test
    void enteringAgainstCancelOfTheEntrance() {
        for (int i = 0; i < ROUNDS; i++) {
            AtomicReference<Disposable> entering = new AtomicReference<>();
            Round round = new Round(r -> AsyncExitStack.using(stack -> {
                entering.set(stack.enter(r.resource()).subscribe());
                return r.body.asMono();
            }));
            round.closing.tryEmitEmpty();
            RaceTestUtils.race(racers, round::open, () -> entering.get().dispose());
            round.emit();
            round.isOver();
            assertThat(round.opened).hasValue(1);
            assertThat(round.ends).hasValue(1);
        }
    }

    @Test
    void enteringAgainstTheEndOfTheStack() {
        for (int i = 0; i < ROUNDS; i++) {
            AtomicInteger refused = new AtomicInteger();
            Round round = new Round(r -> AsyncExitStack.using(stack -> {
                stack.enter(r.resource()).subscribe(value -> {}, error -> refused.incrementAndGet());
                return r.body.asMono();
            }));
            round.closing.tryEmitEmpty();
            RaceTestUtils.race(racers, round::open, round::emit);
            round.isOver();
            assertThat(round.opened).hasValue(1);
            assertThat(round.ends).hasValue(1);
            assertThat(refused.get()).isLessThanOrEqualTo(1);
        }
    }
}
