package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.asyncio4j.task.Tasks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class MockTransportTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final MockTransport network = MockTransport.create();
    private final ClientSession session =
            ClientSession.builder().middleware(network).build();

    @AfterEach
    void nothingIsLeft() {
        assertThat(session.statistics().inUse()).isZero();
        assertThat(session.statistics().created()).isZero();
        session.close().block(PATIENCE);
    }

    @Test
    void answersByMethodAndUrlAndKeepsTheRequests() {
        network.on("GET", "http://api/users/1", MockResponse.json("{\"name\": \"Ada\"}"))
                .on("post", "http://api/users?a=b", MockResponse.of(201).header("Location", "/users/2"));
        JsonNode user = session.get("http://api/users/1").json(JsonNode.class).block(PATIENCE);
        assertThat(user.get("name").asText()).isEqualTo("Ada");
        String location = session.post("http://api/users")
                .param("a", "b")
                .header("X-Trace", "7")
                .json(Map.of("name", "Grace"))
                .use(response -> Mono.just(
                        response.status() + response.headers().first("location").orElseThrow()))
                .block(PATIENCE);
        assertThat(location).isEqualTo("201/users/2");
        assertThat(network.requests()).extracting(ClientRequest::method).containsExactly("GET", "POST");
        assertThat(network.requests().get(1).headers().first("x-trace")).contains("7");
    }

    @Test
    void answersInTurnAndTheLastOneForGood() {
        network.on("GET", "http://h/", MockResponse.of(503), MockResponse.text("ok"));
        ClientRequest request = session.get("http://h/");
        assertThat(request.status().block(PATIENCE)).isEqualTo(503);
        assertThat(request.text().block(PATIENCE)).isEqualTo("ok");
        assertThat(request.text().block(PATIENCE)).isEqualTo("ok");
    }

    @Test
    void delaysAndTimeoutsRunOnTheVirtualClock() {
        network.on("GET", "http://slow/", MockResponse.text("late").after(Duration.ofHours(1)))
                .on("GET", "http://fast/", MockResponse.text("soon").after(Duration.ofSeconds(1)));
        StepVerifier.withVirtualTime(() -> Tasks.gatherSettled(List.of(
                        session.get("http://slow/")
                                .timeout(Duration.ofMinutes(1))
                                .text(),
                        session.get("http://fast/").text())))
                .expectSubscription()
                .expectNoEvent(Duration.ofMinutes(1))
                .assertNext(outcomes -> {
                    assertThat(outcomes.get(0).error().orElseThrow()).isInstanceOf(ClientTimeoutException.class);
                    assertThat(outcomes.get(1).value()).contains("soon");
                })
                .verifyComplete();
    }

    @Test
    void failsWhenTold() {
        IOException reset = new IOException("reset");
        network.on("GET", "http://h/", MockResponse.failure(reset));
        StepVerifier.create(session.get("http://h/").text())
                .expectErrorSatisfies(e -> assertThat(e).isSameAs(reset))
                .verify(PATIENCE);
    }

    @Test
    void anUnexpectedRequestFailsWithWhatIsKnown() {
        network.on("GET", "http://h/a", MockResponse.of(200));
        StepVerifier.create(session.get("http://h/b").text())
                .expectErrorSatisfies(e -> assertThat(e)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("no answer for GET http://h/b, only for GET http://h/a"))
                .verify(PATIENCE);
    }

    @Test
    void statusIsRaisedWithTheBodyAsAlways() {
        network.on("GET", "http://h/", MockResponse.of(404).body("no such page"));
        StepVerifier.create(session.get("http://h/").raiseForStatus(true).text())
                .expectErrorSatisfies(e -> assertThat(e)
                        .isInstanceOfSatisfying(ClientResponseException.class, raised -> {
                            assertThat(raised.status()).isEqualTo(404);
                            assertThat(raised.body()).isEqualTo("no such page");
                        }))
                .verify(PATIENCE);
        StepVerifier.create(session.get("http://h/").use(response -> Mono.just(response.raiseForStatus())))
                .expectError(ClientResponseException.class)
                .verify(PATIENCE);
    }

    @Test
    void theBodyReadsInEveryWay() {
        network.on("GET", "http://h/", MockResponse.text("one\ntwo"))
                .on("GET", "http://h/empty", MockResponse.of(204))
                .on("GET", "http://h/events", MockResponse.text("data: a\n\ndata: b\n\n"))
                .on("GET", "http://h/bad", MockResponse.json("{"));
        assertThat(session.get("http://h/").lines().collectList().block(PATIENCE))
                .containsExactly("one", "two");
        assertThat(session.get("http://h/").bytes().block(PATIENCE)).hasSize(7);
        assertThat(session.get("http://h/")
                        .chunks()
                        .map(ByteBuffer::remaining)
                        .collectList()
                        .block(PATIENCE))
                .containsExactly(7);
        assertThat(session.get("http://h/")
                        .useMany(response -> response.chunks(3).map(ByteBuffer::remaining))
                        .collectList()
                        .block(PATIENCE))
                .containsExactly(3, 3, 1);
        assertThat(session.get("http://h/events")
                        .events()
                        .map(ServerSentEvent::data)
                        .collectList()
                        .block(PATIENCE))
                .containsExactly("a", "b");
        assertThat(session.get("http://h/empty").json(JsonNode.class).blockOptional(PATIENCE))
                .isEmpty();
        assertThat(session.get("http://h/empty").chunks().collectList().block(PATIENCE))
                .isEmpty();
        StepVerifier.create(session.get("http://h/").json(JsonNode.class))
                .expectError(ContentTypeException.class)
                .verify(PATIENCE);
        StepVerifier.create(session.get("http://h/bad").json(new TypeRef<Map<String, String>>() {}))
                .expectError(ClientPayloadException.class)
                .verify(PATIENCE);
        String seen = session.get("http://h/")
                .use(response -> response.release()
                        .thenReturn(response.reason()
                                + response.url()
                                + response.history()
                                + response.trailers().names()
                                + response.timings().total()
                                + response
                                + response.ok()))
                .block(PATIENCE);
        assertThat(seen).isEqualTo("http://h/[][]PT0SClientResponse(200, GET http://h/)true");
    }

    @Test
    void aScriptThatMakesNoSenseIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> network.on("GET", "http://h/"))
                .withMessage("responses must not be empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> network.on("GET", "nonsense", MockResponse.of(200)))
                .withMessageContaining("nonsense");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MockResponse.of(101))
                .withMessage("status must be from 200 to 599, but is 101");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MockResponse.text("x").after(Duration.ofSeconds(-1)))
                .withMessageContaining("delay");
        assertThat(MockResponse.text("x").after(Duration.ofSeconds(1))).hasToString("200, 1 bytes after PT1S");
        assertThat(MockResponse.failure(new IOException("f"))).hasToString("java.io.IOException: f");
        network.on("GET", "http://h/a", MockResponse.of(200));
        assertThat(network).hasToString("MockTransport[GET http://h/a], requests: 0");
    }
}
