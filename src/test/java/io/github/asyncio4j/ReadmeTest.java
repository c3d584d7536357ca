package io.github.asyncio4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.http.ClientSession;
import io.github.asyncio4j.sync.AsyncSemaphore;
import io.github.asyncio4j.task.Runner;
import io.github.asyncio4j.task.Tasks;
import io.github.asyncio4j.time.Timeouts;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** What README.md shows, compiled and run. */
class ReadmeTest {

    @Test
    void fetchesManyPagesWithASharedLimitAndADeadline() {
        DisposableServer server = HttpServer.create()
                .port(0)
                .handle((request, response) -> response.sendString(Mono.just("page of " + request.fullPath())))
                .bindNow();
        List<String> urls = IntStream.range(0, 30)
                .mapToObj(i -> "http://localhost:" + server.port() + "/" + i)
                .toList();
        try {
            // region fetch
            AsyncSemaphore atMostTen = AsyncSemaphore.create(10);

            Mono<List<String>> pages = ClientSession.using(session -> {
                Stream<Mono<String>> requests = urls.stream()
                        .map(url -> atMostTen.withPermit(session.get(url).text()));
                return Tasks.gather(requests.toList());
            });

            List<String> texts = Runner.run(Timeouts.timeout(pages, Duration.ofSeconds(5)));
            // endregion
            assertThat(texts).hasSize(30).element(7).isEqualTo("page of /7");
            assertThat(atMostTen.available()).isEqualTo(10);
        } finally {
            server.disposeNow();
        }
    }
}
