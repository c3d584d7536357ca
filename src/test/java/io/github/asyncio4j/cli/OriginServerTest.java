package io.github.asyncio4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OriginServerTest {

    private final HttpClient client = HttpClient.newHttpClient();
    private OriginServer origin;

    @BeforeAll
    void start() {
        origin = OriginServer.start();
    }

    @AfterAll
    void stop() {
        origin.close();
    }

    private HttpResponse<String> get(String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(origin.baseUrl() + path))
                .timeout(Duration.ofSeconds(5))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    @ParameterizedTest
    @CsvSource({
        "/delay/0, 200",
        "/delay/20, 200",
        "/status/500, 500",
        "/status/204, 204",
        "/status/42, 400",
        "/status/x, 400",
        "/bytes/-1, 400",
        "/delay/, 400",
        "/nothing, 404"
    })
    void answersWithTheStatus(String path, int status) throws Exception {
        assertThat(get(path).statusCode()).isEqualTo(status);
    }

    @Test
    void delaysItsAnswer() throws Exception {
        long started = System.nanoTime();

        assertThat(get("/delay/120").body()).isEqualTo("ok\n");

        assertThat(Duration.ofNanos(System.nanoTime() - started)).isGreaterThanOrEqualTo(Duration.ofMillis(120));
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "16384", "16385", "100000"})
    void sendsExactlySoManyBytes(int count) throws Exception {
        assertThat(get("/bytes/" + count).body()).hasSize(count);
    }

    @Test
    void listsItsPaths() throws Exception {
        assertThat(get("/").body()).contains("/delay/{ms}", "/bytes/{n}", "/status/{code}", "/json");
    }

    @Test
    void sendsJson() throws Exception {
        HttpResponse<String> response = get("/json");

        assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(response.body()).startsWith("{").contains("\"message\":\"hello\"");
    }

    @Test
    void cutsABodyInHalf() {
        assertThatThrownBy(() -> get("/cut/1000")).isInstanceOf(IOException.class);
    }

    @Test
    void refusesAnAddressThatIsTaken() {
        int port = URI.create(origin.baseUrl()).getPort();

        assertThatThrownBy(() -> OriginServer.start("127.0.0.1", port, 1)).hasMessageContaining("Failed to bind");
    }

    @Test
    void streamsLinesOfJson() throws Exception {
        assertThat(get("/stream/3").body()).isEqualTo("{\"number\":0}\n{\"number\":1}\n{\"number\":2}\n");
        assertThat(get("/stream/0").body()).isEmpty();
    }

    @Test
    void sendsEventsOneByOne() throws Exception {
        long started = System.nanoTime();
        HttpResponse<String> response = get("/sse/2");

        assertThat(response.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
        assertThat(response.body())
                .isEqualTo("id: 0\nevent: tick\ndata: {\"number\":0}\n\nid: 1\nevent: tick\ndata: {\"number\":1}\n\n");
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isGreaterThanOrEqualTo(Duration.ofMillis(200));
    }

    @Test
    void dripsBytes() throws Exception {
        assertThat(get("/drip/3").body()).isEqualTo("xxx");
        assertThat(get("/drip/0").body()).isEmpty();
    }

    @Test
    void echoesTheRequest() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(origin.baseUrl() + "/echo?a=b"))
                .version(HttpClient.Version.HTTP_1_1)
                .header("X-Test", "yes")
                .POST(HttpRequest.BodyPublishers.ofString("the body"))
                .build();

        String echo = client.send(request, HttpResponse.BodyHandlers.ofString()).body();

        assertThat(echo)
                .startsWith("POST /echo?a=b\n")
                .containsIgnoringCase("x-test: yes\n")
                .endsWith("\n\nthe body");
    }

    @Test
    void sendsTextOfAWebSocketBack() throws Exception {
        CompletableFuture<String> echoed = new CompletableFuture<>();
        WebSocket socket = client.newWebSocketBuilder()
                .buildAsync(URI.create(origin.baseUrl().replace("http", "ws") + "/ws"), new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
                        echoed.complete(data.toString());
                        return null;
                    }
                })
                .get(5, TimeUnit.SECONDS);

        socket.sendText("hello", true);

        assertThat(echoed.get(5, TimeUnit.SECONDS)).isEqualTo("hello");
        socket.abort();
    }

    @Test
    void redirectsSoManyTimes() throws Exception {
        assertThat(get("/redirect/0").body()).isEqualTo("there\n");
        HttpResponse<String> redirect = get("/redirect/2");
        assertThat(redirect.statusCode()).isEqualTo(302);
        assertThat(redirect.headers().firstValue("Location")).contains("/redirect/1");
    }

    @Test
    void wantsAUser() throws Exception {
        assertThat(get("/basic-auth/ann/secret").statusCode()).isEqualTo(401);
        HttpRequest request = HttpRequest.newBuilder(URI.create(origin.baseUrl() + "/basic-auth/ann/secret"))
                .header("Authorization", "Basic YW5uOnNlY3JldA==")
                .build();
        assertThat(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(200);
    }

    @Test
    void setsAndShowsCookies() throws Exception {
        assertThat(get("/cookies/a/1").headers().firstValue("Set-Cookie")).contains("a=1; Path=/");
        HttpRequest request = HttpRequest.newBuilder(URI.create(origin.baseUrl() + "/cookies"))
                .header("Cookie", "a=1")
                .build();
        assertThat(client.send(request, HttpResponse.BodyHandlers.ofString()).body())
                .isEqualTo("a=1\n");
    }

    @Test
    void packsWithGzip() throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(origin.baseUrl() + "/gzip")).build();
        HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());

        assertThat(new GZIPInputStream(response.body()).readAllBytes()).startsWith('{');
    }
}
