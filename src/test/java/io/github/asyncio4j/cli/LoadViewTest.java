package io.github.asyncio4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import org.junit.jupiter.api.Test;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

class LoadViewTest {

    @Test
    void signsGoFromNothingToTheMostThereWas() {
        assertThat(LoadView.signs(0, 1, 10, 50, 100)).isEqualTo(" ..=#");
        assertThat(LoadView.signs(0, 0)).isEqualTo("  ");
    }

    @Test
    void beforeAnythingWasAnsweredThereIsARateOnly() {
        assertThat(new LoadView(new LoadRecorder()).text()).isEqualTo(", 0/s");
    }

    @Test
    void withoutAnAnswerThereIsNoLatency() {
        LoadRecorder recorder = new LoadRecorder();
        recorder.failed("http://127.0.0.1:1/", new ConnectException("refused"));
        recorder.failed("http://127.0.0.1:1/", new ConnectException("refused"));

        assertThat(new LoadView(recorder).text()).matches(", [0-9,]+/s\n  answers  [a-z-]+: 2");
    }

    @Test
    void isSeenOnATerminalWhileTheRunGoesOn() {
        DisposableServer server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle((request, response) -> response.status(request.uri().contains("bad") ? 503 : 200)
                        .send())
                .bindNow();
        try {
            Console console = Console.interactive();
            String origin = "http://127.0.0.1:" + server.port();
            int code = console.run("load", "-c", "2", "-z", "1500ms", "-q", "100", origin + "/good", origin + "/bad");

            assertThat(code).isEqualTo(ExitCode.FAILED);
            assertThat(console.err())
                    .containsPattern("load [0-9]+ requests, [0-9.,]+ (ms|s), [0-9]+/s")
                    .containsPattern("  /s       \\[.\\] [0-9]+")
                    .containsPattern("  latency  p50 [0-9.]+ (us|ms), p90 [0-9.]+ (us|ms), p99 [0-9.]+ (us|ms), max ")
                    .containsPattern("  answers  200: [0-9]+, 503: [0-9]+");
        } finally {
            server.disposeNow();
        }
    }
}
