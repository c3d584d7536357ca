package io.github.asyncio4j.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.asyncio4j.time.DeadlineExceededException;
import io.github.asyncio4j.time.Timeouts;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.publisher.PublisherProbe;
import reactor.util.context.Context;

class TaskGroupTest {

    @AfterEach
    void nothingIsLeftRunning() {
        assertThat(Tasks.all()).isEmpty();
        assertThat(TaskRegistry.scopes()).isEmpty();
    }

    @Nested
    class Ending {

        @Test
        void emptyGroupPassesTheBodyThrough() {
            StepVerifier.create(TaskGroup.using(group -> Mono.just("a")))
                    .expectNext("a")
                    .verifyComplete();
            StepVerifier.create(TaskGroup.using(group -> Mono.empty())).verifyComplete();
        }

        @Test
        void waitsForChildrenAfterTheBody() {
            StepVerifier.withVirtualTime(() -> TaskGroup.using(group -> {
                        group.createTask(Mono.delay(Duration.ofSeconds(2)));
                        group.createTask(Mono.delay(Duration.ofSeconds(1)));
                        return Mono.just("body");
                    }))
                    .expectSubscription()
                    .expectNoEvent(Duration.ofMillis(1999))
                    .thenAwait(Duration.ofMillis(1))
                    .expectNext("body")
                    .verifyComplete();
        }

        @Test
        void eachSubscriptionIsAGroupOfItsOwn() {
            AtomicInteger runs = new AtomicInteger();
            Mono<Integer> group = TaskGroup.using(
                    g -> g.createTask(Mono.fromCallable(runs::incrementAndGet)).await());
            StepVerifier.create(group.repeat(2)).expectNext(1, 2, 3).verifyComplete();
        }

        @Test
        void honoursTheRequest() {
            StepVerifier.create(TaskGroup.using(group -> Mono.just("a")), 0)
                    .expectSubscription()
                    .thenRequest(1)
                    .expectNext("a")
                    .verifyComplete();
        }

        @Test
        void createTaskAfterTheEndIsAnError() {
            AtomicReference<TaskGroup> escaped = new AtomicReference<>();
            TaskGroup.using(group -> {
                        escaped.set(group);
                        return Mono.empty();
                    })
                    .block();
            assertThatThrownBy(() -> escaped.get().createTask(Mono.just(1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("has ended");
            StepVerifier.create(escaped.get().start(started -> Mono.never())).verifyError(IllegalStateException.class);
            escaped.get().cancel("late");
            assertThat(escaped.get().isCancelled()).isFalse();
        }

        @Test
        void childrenMayCreateChildrenAfterTheBodyHasEnded() {
            StepVerifier.withVirtualTime(() -> {
                        List<String> order = new ArrayList<>();
                        return TaskGroup.using(group -> {
                                    group.createTask(Mono.delay(Duration.ofSeconds(1))
                                            .doOnNext(t -> group.createTask(Mono.delay(Duration.ofSeconds(1))
                                                    .doOnNext(u -> order.add("grandchild")))));
                                    return Mono.empty();
                                })
                                .thenReturn(order);
                    })
                    .thenAwait(Duration.ofSeconds(2))
                    .assertNext(order -> assertThat(order).containsExactly("grandchild"))
                    .verifyComplete();
        }

        @Test
        void finishedChildrenAreForgotten() {
            TaskGroup.using(group -> {
                        for (int i = 0; i < 100_000; i++) {
                            group.createTask(Mono.just(i));
                        }
                        assertThat(group.tasks()).isEmpty();
                        return Mono.empty();
                    })
                    .block();
        }

        @Test
        void bodyThatThrowsOrReturnsNullFails() {
            StepVerifier.create(TaskGroup.using(group -> {
                        throw new IllegalArgumentException("boom");
                    }))
                    .verifyErrorMessage("boom");
            StepVerifier.create(TaskGroup.builder().name("checkout").using(group -> null))
                    .verifyErrorSatisfies(e -> assertThat(e)
                            .isInstanceOf(NullPointerException.class)
                            .hasMessageContaining("body of checkout"));
        }
    }

    @Nested
    class Failing {

        @Test
        void firstFailureCancelsTheRestDrainsAndIsSignalledAsItIs() {
            StepVerifier.withVirtualTime(() -> {
                        Cleaning sibling = Cleaning.in(Duration.ofMillis(300));
                        IOException boom = new IOException("boom");
                        return TaskGroup.using(group -> {
                                    group.createTask(sibling);
                                    group.createTask(
                                            Mono.delay(Duration.ofMillis(100)).then(Mono.error(boom)));
                                    return Mono.never();
                                })
                                .doOnError(e -> {
                                    assertThat(e).isSameAs(boom);
                                    assertThat(sibling.cleaned).hasValue(1);
                                });
                    })
                    .expectSubscription()
                    .expectNoEvent(Duration.ofMillis(399))
                    .thenAwait(Duration.ofMillis(1))
                    .verifyError(IOException.class);
        }

        @Test
        void cancelledSiblingsCarryTheFailureAsCause() {
            IOException boom = new IOException("boom");
            AtomicReference<Task<Object>> sibling = new AtomicReference<>();
            StepVerifier.create(TaskGroup.builder().name("checkout").using(group -> {
                        sibling.set(group.createTask("slow", Mono.never()));
                        group.createTask(Mono.error(boom));
                        return Mono.never();
                    }))
                    .verifyError(IOException.class);
            assertThat(sibling.get().outcome().error().orElseThrow())
                    .isInstanceOf(TaskCancelledException.class)
                    .hasMessage("slow was cancelled: checkout failed: java.io.IOException: boom")
                    .hasCause(boom);
        }

        @Test
        void bodyThatAwaitsTheFailingChildGivesTheErrorOnce() {
            Sinks.One<Object> source = Sinks.one();
            IOException boom = new IOException("boom");
            StepVerifier.create(TaskGroup.using(
                            group -> group.createTask(source.asMono()).await()))
                    .then(() -> source.tryEmitError(boom))
                    .verifyErrorSatisfies(e -> {
                        assertThat(e).isSameAs(boom).hasNoSuppressedExceptions();
                        assertThat(TaskFailures.of(e)).containsExactly(boom);
                    });
        }

        @Test
        void failuresThatComeUpDuringTheDrainAreKept() {
            IOException first = new IOException("first");
            IllegalStateException close = new IllegalStateException("close");
            StepVerifier.create(TaskGroup.using(group -> {
                        group.createTask(Cleaning.with("db", Mono.error(close)));
                        group.createTask(Mono.error(first));
                        return Mono.never();
                    }))
                    .verifyErrorSatisfies(e -> {
                        assertThat(e).isSameAs(first);
                        assertThat(TaskFailures.of(e)).containsExactly(first, close);
                    });
        }

        @Test
        void failingBodyCancelsTheChildren() {
            IOException boom = new IOException("boom");
            PublisherProbe<Object> child = PublisherProbe.of(Mono.never());
            StepVerifier.create(TaskGroup.using(group -> {
                        group.createTask(child.mono());
                        return Mono.error(boom);
                    }))
                    .verifyErrorSatisfies(e -> assertThat(e).isSameAs(boom));
            child.assertWasCancelled();
        }

        @Test
        void childFailingInsideCreateTaskKeepsTheBodyFromRunning() {
            PublisherProbe<Object> body = PublisherProbe.of(Mono.never());
            PublisherProbe<Object> late = PublisherProbe.of(Mono.never());
            StepVerifier.create(TaskGroup.using(group -> {
                        group.createTask(Mono.error(new IOException("boom")));
                        Task<Object> refused = group.createTask("late", late.mono());
                        assertThat(refused.isCancelled()).isTrue();
                        assertThat(refused.outcome().error().orElseThrow()).hasCauseInstanceOf(IOException.class);
                        return body.mono();
                    }))
                    .verifyError(IOException.class);
            body.assertWasNotSubscribed();
            late.assertWasNotSubscribed();
        }

        @Test
        void aChildsTimeoutIsAFailure() {
            StepVerifier.withVirtualTime(() -> TaskGroup.using(group -> {
                        group.createTask(Timeouts.timeout(Mono.never(), Duration.ofSeconds(1)));
                        return Mono.never();
                    }))
                    .thenAwait(Duration.ofSeconds(1))
                    .verifyError(DeadlineExceededException.class);
        }

        @Test
        void aChildsCancellationIsNone() {
            StepVerifier.create(TaskGroup.using(group -> {
                        group.createTask(Mono.never()).cancel();
                        group.createTask(Mono.error(new java.util.concurrent.CancellationException()));
                        return Mono.just("fine");
                    }))
                    .expectNext("fine")
                    .verifyComplete();
        }

        @Test
        void bodyThatJoinsACancelledChildFailsWithIt() {
            StepVerifier.create(TaskGroup.using(group -> {
                        Task<Object> child = group.createTask("child", Mono.never());
                        child.cancel("unwanted");
                        return child.await();
                    }))
                    .verifyErrorMessage("child was cancelled: unwanted");
        }

        @Test
        void cleanupThatNeverEndsIsCutAtTheLimitWithItsName() {
            StepVerifier.withVirtualTime(() -> TaskGroup.builder()
                            .cleanupLimit(Duration.ofSeconds(5))
                            .using(group -> {
                                group.createTask(Cleaning.with("orders-db", Mono.never()));
                                group.createTask(Mono.error(new IOException("boom")));
                                return Mono.never();
                            }))
                    .expectSubscription()
                    .expectNoEvent(Duration.ofMillis(4999))
                    .thenAwait(Duration.ofMillis(1))
                    .verifyErrorSatisfies(e -> {
                        assertThat(e).isInstanceOf(IOException.class);
                        assertThat(TaskFailures.of(e, io.github.asyncio4j.CleanupTimeoutException.class))
                                .singleElement()
                                .satisfies(cut -> assertThat(cut.unfinished()).containsExactly("orders-db"));
                    });
        }
    }

    @Nested
    class Cancelling {

        @Test
        void subscriberThatLeavesCancelsAllAndTheSurroundingScopeWaits() {
            StepVerifier.withVirtualTime(() -> {
                        Cleaning child = Cleaning.in(Duration.ofMillis(300));
                        Cleaning body = Cleaning.in(Duration.ofMillis(200));
                        return Timeouts.timeout(
                                        TaskGroup.using(group -> {
                                            group.createTask(child);
                                            return body;
                                        }),
                                        Duration.ofMillis(100))
                                .doOnError(e -> {
                                    assertThat(child.cleaned).hasValue(1);
                                    assertThat(body.cleaned).hasValue(1);
                                });
                    })
                    .expectSubscription()
                    .expectNoEvent(Duration.ofMillis(399))
                    .thenAwait(Duration.ofMillis(1))
                    .verifyError(DeadlineExceededException.class);
        }

        @Test
        void groupCancelIsSilentAndWaitsForCleanup() {
            StepVerifier.withVirtualTime(() -> {
                        Cleaning child = Cleaning.in(Duration.ofSeconds(1));
                        return TaskGroup.using(group -> {
                                    group.createTask(child);
                                    group.createTask(Mono.fromRunnable(() -> group.cancel("enough")));
                                    assertThat(group.isCancelled()).isTrue();
                                    return Mono.just("body");
                                })
                                .doOnSuccess(x -> assertThat(child.cleaned).hasValue(1));
                    })
                    .expectSubscription()
                    .expectNoEvent(Duration.ofMillis(999))
                    .thenAwait(Duration.ofMillis(1))
                    .verifyComplete();
        }

        @Test
        void groupCancelWithAFailingCleanupFails() {
            IllegalStateException close = new IllegalStateException("close");
            StepVerifier.create(TaskGroup.using(group -> {
                        group.createTask(Cleaning.with("db", Mono.error(close)));
                        group.cancel("enough");
                        return Mono.never();
                    }))
                    .verifyErrorSatisfies(e -> assertThat(e).isSameAs(close));
        }

        @Test
        void repeatedCancelDoesNotCutTheDrain() {
            StepVerifier.withVirtualTime(() -> {
                        Cleaning child = Cleaning.in(Duration.ofSeconds(5));
                        return TaskGroup.using(group -> {
                            group.createTask(child);
                            group.cancel("one");
                            group.cancel("two");
                            return Mono.never();
                        });
                    })
                    .expectSubscription()
                    .expectNoEvent(Duration.ofMillis(4999))
                    .thenAwait(Duration.ofMillis(1))
                    .verifyComplete();
        }
    }

    @Nested
    class Policies {

        @Test
        void supervisedChildrenFailAlone() {
            List<String> failed = new ArrayList<>();
            StepVerifier.create(TaskGroup.builder()
                            .supervised((task, error) -> failed.add(task.name() + " " + error.getMessage()))
                            .using(group -> {
                                group.createTask("a", Mono.error(new IOException("one")));
                                group.createTask("b", Mono.error(new IOException("two")));
                                return group.createTask(Mono.just("fine")).await();
                            }))
                    .expectNext("fine")
                    .verifyComplete();
            assertThat(failed).containsExactly("a one", "b two");
        }

        @Test
        void handlerThatThrowsAbortsTheGroup() {
            StepVerifier.create(TaskGroup.builder()
                            .supervised((task, error) -> {
                                throw new IllegalStateException("handler");
                            })
                            .using(group -> {
                                group.createTask(Mono.error(new IOException("one")));
                                return Mono.never();
                            }))
                    .verifyErrorMessage("handler");
        }

        @Test
        void atMostSoManyRunAtATimeInOrderOfCreation() {
            List<Integer> started = new ArrayList<>();
            List<Sinks.One<Integer>> sources = new ArrayList<>();
            StepVerifier.create(TaskGroup.builder().maxConcurrency(2).using(group -> {
                        for (int i = 0; i < 5; i++) {
                            int number = i;
                            Sinks.One<Integer> source = Sinks.one();
                            sources.add(source);
                            group.createTask(Mono.defer(() -> {
                                started.add(number);
                                return source.asMono();
                            }));
                        }
                        return Mono.just("x");
                    }))
                    .then(() -> assertThat(started).containsExactly(0, 1))
                    .then(() -> sources.get(1).tryEmitValue(1))
                    .then(() -> assertThat(started).containsExactly(0, 1, 2))
                    .then(() -> sources.get(0).tryEmitValue(1))
                    .then(() -> sources.get(2).tryEmitValue(1))
                    .then(() -> assertThat(started).containsExactly(0, 1, 2, 3, 4))
                    .then(() -> sources.get(3).tryEmitValue(1))
                    .then(() -> sources.get(4).tryEmitValue(1))
                    .expectNext("x")
                    .verifyComplete();
        }

        @Test
        void waitingChildIsCancellableAndNeverSubscribed() {
            PublisherProbe<Object> second = PublisherProbe.of(Mono.never());
            PublisherProbe<Object> third = PublisherProbe.of(Mono.just("third"));
            Sinks.Empty<Void> first = Sinks.empty();
            StepVerifier.create(TaskGroup.builder().maxConcurrency(1).using(group -> {
                        group.createTask(first.asMono());
                        Task<Object> waiting = group.createTask(second.mono());
                        group.createTask(third.mono());
                        waiting.cancel("unwanted");
                        assertThat(waiting.isCancelled()).isTrue();
                        return Mono.empty();
                    }))
                    .then(first::tryEmitEmpty)
                    .verifyComplete();
            second.assertWasNotSubscribed();
            third.assertWasSubscribed();
        }

        @Test
        void aLongLineOfWaitingChildrenNeedsNoStack() {
            AtomicInteger runs = new AtomicInteger();
            Sinks.Empty<Void> first = Sinks.empty();
            StepVerifier.create(TaskGroup.builder().maxConcurrency(1).using(group -> {
                        group.createTask(first.asMono());
                        for (int i = 0; i < 100_000; i++) {
                            group.createTask(Mono.fromRunnable(runs::incrementAndGet));
                        }
                        return Mono.empty();
                    }))
                    .then(first::tryEmitEmpty)
                    .verifyComplete();
            assertThat(runs).hasValue(100_000);
        }

        @Test
        void timeoutEndsTheGroupAfterItsCleanup() {
            AtomicReference<Task<Object>> child = new AtomicReference<>();
            StepVerifier.withVirtualTime(() -> TaskGroup.builder()
                            .name("checkout")
                            .timeout(Duration.ofMillis(100))
                            .using(group -> {
                                child.set(group.createTask("child", Cleaning.in(Duration.ofMillis(300))));
                                return Mono.never();
                            }))
                    .expectSubscription()
                    .expectNoEvent(Duration.ofMillis(399))
                    .thenAwait(Duration.ofMillis(1))
                    .verifyErrorSatisfies(e -> assertThat(e)
                            .isInstanceOfSatisfying(
                                    DeadlineExceededException.class,
                                    d -> assertThat(d.operation()).isEqualTo("checkout")));
            assertThat(child.get().outcome().error().orElseThrow())
                    .isInstanceOf(TaskCancelledException.class)
                    .hasCauseInstanceOf(TimeoutException.class);
        }

        @Test
        void aggregatedErrorsComeTogetherAlsoForOne() {
            IOException one = new IOException("one");
            StepVerifier.create(TaskGroup.builder().name("g").aggregateErrors().using(group -> {
                        group.createTask(Mono.error(one));
                        return Mono.never();
                    }))
                    .verifyErrorSatisfies(e -> assertThat(e)
                            .isInstanceOfSatisfying(
                                    TaskGroupException.class,
                                    g -> assertThat(g.failures()).containsExactly(one)));
        }

        @Test
        void aggregatedErrorsOfChildrenComeBeforeTheBodysAndNestedGroupsStayNested() {
            IOException inner = new IOException("inner");
            IllegalStateException close = new IllegalStateException("close");
            IllegalArgumentException body = new IllegalArgumentException("body");
            StepVerifier.create(TaskGroup.builder()
                            .name("outer")
                            .aggregateErrors()
                            .using(outer -> {
                                outer.createTask(TaskGroup.builder()
                                        .name("inner")
                                        .aggregateErrors()
                                        .using(group -> {
                                            group.createTask(Cleaning.with("db", Mono.error(close)));
                                            return Mono.never();
                                        }));
                                outer.createTask(TaskGroup.builder()
                                        .name("inner")
                                        .supervised((t, e) -> {})
                                        .aggregateErrors()
                                        .using(group -> {
                                            group.createTask(Cleaning.with("db", Mono.error(inner)));
                                            return Mono.never();
                                        }));
                                return Mono.error(body);
                            }))
                    .verifyErrorSatisfies(e -> assertThat(e).isInstanceOfSatisfying(TaskGroupException.class, g -> {
                        assertThat(g.failures()).last().isSameAs(body);
                        assertThat(g.failures()).contains(close);
                    }));
        }
    }

    @Nested
    class Services {

        @Test
        void resumesWithTheReadinessValueWhileTheServiceGoesOn() {
            PublisherProbe<Object> service = PublisherProbe.of(Mono.never());
            StepVerifier.create(TaskGroup.using(group -> group.<Integer>start(started -> {
                                started.accept(8080);
                                return service.mono();
                            })
                            .doOnNext(port -> {
                                assertThat(group.tasks()).hasSize(1);
                                group.cancel("done");
                            })))
                    .verifyComplete();
            service.assertWasCancelled();
        }

        @Test
        void errorBeforeReadinessComesOutOfStartAndNotOutOfTheGroup() {
            StepVerifier.create(TaskGroup.using(
                            group -> group.<Integer>start(started -> Mono.error(new IOException("bind")))
                                    .onErrorReturn(-1)))
                    .expectNext(-1)
                    .verifyComplete();
        }

        @Test
        void errorAfterReadinessIsTheGroups() {
            Sinks.Empty<Void> service = Sinks.empty();
            StepVerifier.create(TaskGroup.using(group -> group.<Integer>start(started -> {
                                started.accept(1);
                                return service.asMono();
                            })
                            .then(Mono.never())))
                    .then(() -> service.tryEmitError(new IOException("later")))
                    .verifyErrorMessage("later");
        }

        @Test
        void endingWithoutReadinessIsAnError() {
            StepVerifier.create(TaskGroup.using(group -> group.<Integer>start(started -> Mono.empty())))
                    .verifyErrorSatisfies(e -> assertThat(e)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("without having called started"));
        }

        @Test
        void startedTwiceIsAnErrorOfTheService() {
            StepVerifier.create(TaskGroup.using(group -> group.<Integer>start(started -> {
                                started.accept(1);
                                started.accept(2);
                                return Mono.never();
                            })
                            .then(Mono.never())))
                    .verifyErrorSatisfies(e -> assertThat(e)
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("twice"));
        }

        @Test
        void leavingBeforeReadinessCancelsTheService() {
            PublisherProbe<Object> service = PublisherProbe.of(Mono.never());
            StepVerifier.create(TaskGroup.using(group -> {
                        Disposable start =
                                group.<Integer>start(started -> service.mono()).subscribe();
                        start.dispose();
                        return Mono.just("x");
                    }))
                    .expectNext("x")
                    .verifyComplete();
            service.assertWasCancelled();
        }

        @Test
        void startInACancelledGroupIsACancellation() {
            StepVerifier.create(TaskGroup.using(group -> {
                        group.cancel("over");
                        StepVerifier.create(group.start(started -> Mono.never()))
                                .verifyErrorSatisfies(e -> assertThat(e)
                                        .isInstanceOfSatisfying(
                                                TaskCancelledException.class,
                                                c -> assertThat(c.reason()).isEqualTo("over")));
                        return Mono.never();
                    }))
                    .verifyComplete();
        }
    }

    @Nested
    class Surroundings {

        @Test
        void childrenSeeTheContextOfTheGroup() {
            StepVerifier.create(TaskGroup.using(group -> group.createTask(
                                            Mono.deferContextual(c -> Mono.just(c.<String>get("user"))))
                                    .await())
                            .contextWrite(Context.of("user", "ann")))
                    .expectNext("ann")
                    .verifyComplete();
        }

        @Test
        void tasksListsLiveChildrenAndKnowsTheirParent() {
            Sinks.Empty<Void> go = Sinks.empty();
            Task<Object> outer = Tasks.create(
                    "outer",
                    TaskGroup.using(group -> {
                        group.createTask("inner", go.asMono());
                        assertThat(group.tasks()).extracting(Task::name).containsExactly("inner");
                        return Flux.fromIterable(group.tasks())
                                .next()
                                .flatMap(t -> t.await().then());
                    }),
                    Context.empty());
            assertThat(Tasks.all()).extracting(Task::name).containsExactly("outer", "inner");
            assertThat(Tasks.all().get(1).parent()).containsSame(outer);
            assertThat(outer.waitingFor())
                    .containsExactly("inner (Task-" + Tasks.all().get(1).id() + ") RUNNING");
            go.tryEmitEmpty();
            assertThat(outer.state()).isEqualTo(TaskState.SUCCEEDED);
        }
    }
}
