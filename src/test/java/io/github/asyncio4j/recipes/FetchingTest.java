package io.github.asyncio4j.recipes;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.http.ClientConnectException;
import io.github.asyncio4j.http.ClientResponseException;
import io.github.asyncio4j.http.ClientSession;
import io.github.asyncio4j.http.InvalidUrlException;
import io.github.asyncio4j.task.Outcome;
import io.github.asyncio4j.task.Task;
import io.github.asyncio4j.task.TaskGroup;
import io.github.asyncio4j.task.Tasks;
import io.github.asyncio4j.testing.NaiveTwin;
import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.Recipe;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRoutes;
import reactor.test.StepVerifier;

/** The course's fetchers, on a real server. */
@ExtendWith(NoLeaks.class)
class FetchingTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Origin origin = new Origin(this::routes);

    private record User(int id, String name) {}

    private record Post(int id, String title) {}

    private record Todo(int id, boolean done) {}

    private void routes(HttpServerRoutes r) {
        r.get(
                "/slow/{n}",
                (q, s) -> origin().recorded((request, response) ->
                                Origin.later(response, Duration.ofMillis(200), "text/plain", request.uri()))
                        .apply(q, s));
        r.get("/user", (q, s) -> Origin.text(s, "application/json", "{\"id\":1,\"name\":\"Ann\"}"));
        r.get("/post", (q, s) -> Origin.text(s, "application/json", "{\"id\":2,\"title\":\"Reactor\"}"));
        r.get("/todo", (q, s) -> Origin.text(s, "application/json", "{\"id\":3,\"done\":true}"));
        r.get("/hang/{n}", (q, s) -> origin().recorded((a, b) -> Mono.never()).apply(q, s));
        r.get("/broken", (q, s) -> s.status(500).send());
    }

    // The routes are made before the field is set.
    private Origin origin() {
        return origin;
    }

    @AfterEach
    void stop() {
        origin.close();
    }

    private List<String> slow(int n) {
        return IntStream.range(0, n).mapToObj(i -> origin.url("/slow/" + i)).toList();
    }

    @Test
    @Recipe(row = "34", value = "Twenty URLs at once: all twenty are under way together, the statuses come in order.")
    void twentyAtOnce() {
        StepVerifier.create(ClientSession.using(session -> Tasks.gather(slow(20).stream()
                        .map(url -> session.get(url).use(response -> Mono.just(response.status())))
                        .toList())))
                .expectNext(Collections.nCopies(20, 200))
                .expectComplete()
                .verify(LIMIT);
        assertThat(origin.peak()).isEqualTo(20);
    }

    @Test
    @NaiveTwin(row = "34", value = "A loop over the URLs (`concatMap`) has one under way.")
    void oneAfterTheOther() {
        StepVerifier.create(ClientSession.using(session -> Flux.fromIterable(slow(3))
                        .concatMap(url -> session.get(url).status())
                        .collectList()))
                .expectNext(List.of(200, 200, 200))
                .expectComplete()
                .verify(LIMIT);
        assertThat(origin.peak()).isEqualTo(1);
    }

    @Test
    @Recipe(row = "36", value = "Three JSON endpoints, three types, one session: its connections are used again.")
    void threeEndpointsOneSession() {
        ClientSession session = ClientSession.builder().baseUrl(origin.url("/")).build();
        StepVerifier.create(Tasks.gather(
                                session.get("user").json(User.class),
                                session.get("post").json(Post.class),
                                session.get("todo").json(Todo.class))
                        .flatMap(all -> session.get("user").json(User.class).thenReturn(all)))
                .assertNext(all -> {
                    assertThat(all.getT1()).isEqualTo(new User(1, "Ann"));
                    assertThat(all.getT2()).isEqualTo(new Post(2, "Reactor"));
                    assertThat(all.getT3()).isEqualTo(new Todo(3, true));
                })
                .expectComplete()
                .verify(LIMIT);
        assertThat(session.statistics().created()).isLessThanOrEqualTo(3);
        assertThat(session.statistics().reused()).isPositive();
        session.close().block();
    }

    @Test
    @NaiveTwin(row = "36", value = "A session for each request: a connection for each, and none is used again.")
    void aSessionForEachRequest() {
        for (int i = 0; i < 3; i++) {
            ClientSession session = ClientSession.create();
            session.get(origin.url("/user")).text().block();
            assertThat(session.statistics().created()).isEqualTo(1);
            assertThat(session.statistics().reused()).isZero();
            session.close().block();
        }
    }

    private List<Mono<String>> oneIsBad(ClientSession session) {
        return List.of(
                session.get(origin.url("/user")).text(),
                session.get("http://bad host/").text(),
                session.get(origin.url("/broken")).raiseForStatus(true).text(),
                session.get("http://127.0.0.1:1/").text(),
                session.get(origin.url("/todo")).text());
    }

    @Test
    @Recipe(
            row = "37",
            value = "A bad URL, a broken answer and a closed port: errors in their slots, the rest delivered.")
    void errorsInTheirSlots() {
        StepVerifier.create(ClientSession.using(session -> Tasks.gatherSettled(oneIsBad(session))))
                .assertNext(outcomes -> {
                    assertThat(outcomes)
                            .extracting(Outcome::isSuccess)
                            .containsExactly(true, false, false, false, true);
                    assertThat(outcomes.get(1).error()).containsInstanceOf(InvalidUrlException.class);
                    assertThat(outcomes.get(2).error()).containsInstanceOf(ClientResponseException.class);
                    assertThat(outcomes.get(3).error()).containsInstanceOf(ClientConnectException.class);
                })
                .expectComplete()
                .verify(LIMIT);
    }

    @Test
    @NaiveTwin(row = "37", value = "`Flux.merge(…).collectList()`: one error, and nothing else.")
    void mergedRequestsGiveOneError() {
        StepVerifier.create(ClientSession.using(
                        session -> Flux.merge(oneIsBad(session)).collectList()))
                .expectError(InvalidUrlException.class)
                .verify(LIMIT);
    }

    @Test
    @Recipe(
            row = "38",
            value = "A fetch pipeline as a group: when one fails, the others' connections are closed before the"
                    + " error is seen.")
    void failureClosesTheSiblingsConnections() {
        ClientSession session = ClientSession.create();
        Mono<List<String>> pipeline = TaskGroup.using(group -> {
            List<Task<String>> hanging = IntStream.range(0, 5)
                    .mapToObj(i -> group.createTask(
                            session.get(origin.url("/hang/" + i)).text()))
                    .toList();
            group.createTask(allArrived()
                    .then(session.get(origin.url("/broken"))
                            .raiseForStatus(true)
                            .text()));
            return Tasks.gather(hanging.stream().map(Task::await).toList());
        });
        StepVerifier.create(pipeline)
                .expectErrorSatisfies(error -> {
                    assertThat(error).isInstanceOf(ClientResponseException.class);
                    assertThat(session.statistics().inUse()).isZero();
                })
                .verify(LIMIT);
        session.close().block();
    }

    private Mono<Void> allArrived() {
        return Mono.defer(() -> origin.arrivals().size() >= 5 ? Mono.just(5) : Mono.<Integer>empty())
                .repeatWhenEmpty(again -> again.delayElements(Duration.ofMillis(5)))
                .then();
    }
}
