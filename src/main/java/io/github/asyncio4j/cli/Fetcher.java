package io.github.asyncio4j.cli;

import io.github.asyncio4j.http.ClientSession;
import io.github.asyncio4j.http.InvalidUrlException;
import java.util.List;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;

/** The requests of one round: each is recorded, however it ends, and none fails the round. */
final class Fetcher {

    private final ClientSession session;
    private final List<String> urls;
    private final Recorder recorder;

    Fetcher(ClientSession session, List<String> urls, Recorder recorder) {
        this.session = session;
        this.urls = urls;
        this.recorder = recorder;
    }

    List<String> urls() {
        return urls;
    }

    /** Fetches one URL and records how that ended; emits whether it succeeded, and never fails. */
    Mono<Boolean> fetch(String url) {
        return fetch(url, UnaryOperator.identity());
    }

    /** The same, with something around the attempt; recorded is what comes out of it. */
    Mono<Boolean> fetch(String url, UnaryOperator<Mono<Long>> policy) {
        return recorded(url, policy.apply(Mono.defer(() -> attempt(url))));
    }

    /** Emits the size of the body. */
    private Mono<Long> attempt(String url) {
        if (url.indexOf(' ') >= 0) {
            // The session would send it as %20; in a list of URLs it is more likely two fields of a line, or a slip.
            return Mono.error(new InvalidUrlException(url + ": a space in a URL is written as %20"));
        }
        return session.get(url).raiseForStatus(true).chunks().reduce(0L, (size, chunk) -> size + chunk.remaining());
    }

    private Mono<Boolean> recorded(String url, Mono<Long> request) {
        return Mono.defer(() -> {
            long started = System.nanoTime();
            return request.map(size -> recorder.succeeded(started))
                    .onErrorResume(error -> Mono.just(recorder.failed(Failure.of(url, error))));
        });
    }
}
