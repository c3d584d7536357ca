package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.RawOrigin;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CorePublisher;
import reactor.core.Scannable;
import reactor.core.Scannable.Attr;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;

/** What requests owe to Reactor's tools, and to those who ask for nothing or leave twice. */
class CitizenshipTest {

    static Stream<Named<Function<ClientRequest, Publisher<?>>>> requests() {
        return Stream.of(
                Named.of("text", ClientRequest::text),
                Named.of("bytes", ClientRequest::bytes),
                Named.of("status", ClientRequest::status),
                Named.of("chunks", ClientRequest::chunks),
                Named.of("lines", ClientRequest::lines),
                Named.of("use", request -> request.use(response -> Mono.just(response.status()))),
                Named.of("useMany", request -> request.useMany(ClientResponse::chunks)));
    }

    private static final class Manual extends BaseSubscriber<Object> {
        @Override
        protected void hookOnSubscribe(Subscription subscription) {}

        Subscription subscription() {
            return upstream();
        }
    }

    @ParameterizedTest
    @MethodSource("requests")
    void nothingIsSentBeforeItIsAskedFor(Function<ClientRequest, Publisher<?>> read) {
        try (RawOrigin origin = RawOrigin.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                Closing closing = new Closing(ClientSession.create())) {
            Manual manual = new Manual();
            Publisher<?> publisher = read.apply(closing.session.get(origin.url("/")));
            ((CorePublisher<?>) publisher).subscribe(manual);
            Scannable scannable = Scannable.from(manual.subscription());
            assertThat(Scannable.from(publisher).isScanAvailable()).isTrue();
            assertThat(scannable.isScanAvailable()).isTrue();
            assertThat(scannable.steps()).isNotEmpty();
            for (Attr<?> each : new Attr<?>[] {
                Attr.ACTUAL, Attr.PARENT, Attr.RUN_STYLE, Attr.PREFETCH, Attr.BUFFERED, Attr.REQUESTED_FROM_DOWNSTREAM
            }) {
                scannable.scan(each);
            }
            assertThat(scannable.scanOrDefault(Attr.CANCELLED, false)).isFalse();
            Subscription subscription = manual.subscription();
            subscription.cancel();
            subscription.cancel();
            subscription.request(1);
            assertThat(scannable.scanOrDefault(Attr.CANCELLED, true)).isTrue();
            assertThat(origin.accepted()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("requests")
    void aCancelWhileTheServerIsSilentClosesTheConnection(Function<ClientRequest, Publisher<?>> read) {
        try (RawOrigin origin = RawOrigin.start(peer -> {
                    peer.readRequest();
                    peer.awaitClose();
                });
                Closing closing = new Closing(ClientSession.create())) {
            Manual manual = new Manual();
            ((CorePublisher<?>) read.apply(closing.session.get(origin.url("/")))).subscribe(manual);
            Subscription subscription = manual.subscription();
            subscription.request(1);
            subscription.request(1);
            origin.awaitRequests(1);
            subscription.cancel();
            origin.awaitOpen(0);
        }
    }
}
