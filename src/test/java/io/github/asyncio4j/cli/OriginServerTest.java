package io.github.asyncio4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
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
}
