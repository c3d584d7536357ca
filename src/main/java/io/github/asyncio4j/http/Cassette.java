package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Records what a session asks and is answered into a file, and answers from that file later, without a network: tests
 * that were written against the real server and run without it. VCR's idea, in Python {@code vcrpy}.
 *
 * <pre>{@code
 * Cassette cassette = Cassette.builder(Path.of("src/test/cassettes/users.json"))
 *         .redactParams("api_key")
 *         .build();
 * ClientSession session = ClientSession.builder().networkMiddleware(cassette).build();
 * }</pre>
 *
 * <p>A request is known by its method, its URL (the order of parameters aside) and, if {@code matchBody} says so, its body.
 * What is answered from the file is the status, the headers, the redirects on the way and the bytes of the body as they
 * were read when it was recorded. Its best place is that of a {@link ClientSession.Builder#networkMiddleware}, behind all
 * others: redirects, cookies, retries and caches are then run as ever, and tested as well. In the other seat it keeps the
 * final response, with the redirects on the way as its history. WebSockets go past it.
 *
 * <p>Before anything is written, credentials, the values of cookies and the session's {@code secretHeaders} are replaced by
 * {@code ***}, and so is what {@code redactHeaders} and {@code redactParams} name; {@code redact} sees every text that is
 * to be written. Bytes that are no text stay as they are.
 *
 * <p>Bodies are read into memory, within {@link ClientRequest#maxBodySize}, both ways; only a {@code text/event-stream} is
 * passed on as it comes, and recorded if it is read to its end. A request that fails or is cancelled is not recorded. The
 * file is replaced as a whole, on a thread that may block, before the response is passed on. Needs Jackson on the class
 * path. May be used from any thread, by one session or several.
 */
public final class Cassette implements Middleware {

    /**
     * When to answer from the file, and when to ask.
     *
     * <pre>{@code
     * Cassette strict = Cassette.builder(file).mode(Cassette.Mode.STRICT).build();
     * }</pre>
     *
     * <p>The {@code record_mode} of Python's vcrpy.
     */
    public enum Mode {
        /** Records when there is no file yet, and otherwise replays it. */
        ONCE,
        /** Never asks. Equal requests get their answers in order, and the last one again and again. */
        REPLAY,
        /** As {@link #REPLAY}, but each answer is given once. */
        STRICT,
        /** Gives each answer of the file once, and records what is not there. {@code vcrpy} says new_episodes. */
        AUTO,
        /** Always asks, and replaces the file. */
        RECORD
    }

    private final Path file;
    private final Mode mode;
    private final boolean matchBody;
    private final Redaction redaction;
    private final Tape tape;
    private final Mono<Tape> loaded;

    private Cassette(Builder from) {
        file = from.file;
        mode = from.mode;
        matchBody = from.matchBody;
        redaction = from.redaction;
        tape = new Tape(file, mode, matchBody);
        loaded = tape.loaded();
    }

    /** A cassette in {@link Mode#ONCE}. */
    public static Cassette of(Path file) {
        return builder(file).build();
    }

    /** A cassette with settings of its own. */
    public static Builder builder(Path file) {
        return new Builder(file);
    }

    /** Method and URL of what the file had and nobody asked for; of use in the end of a test. */
    public List<String> unplayed() {
        return tape.unplayed();
    }

    /** Answers, or records. A request that is not known fails with an {@link IllegalStateException} that names the file. */
    @Override
    public Mono<ClientResponse> handle(ClientRequest request, Next next) {
        DefaultClientRequest ours = DefaultClientRequest.ours(request);
        if (ours.isUpgrade()) {
            return next.proceed(request);
        }
        Redaction all = redaction.headers(ours.options().secretHeaders());
        long number = tape.nextNumber();
        return loaded.flatMap(ready -> matchBody || ready.records()
                ? RequestContent.of(ours)
                        .flatMap(content ->
                                answer(number, content.request(), asked(content.request(), content, all), next, all))
                : answer(number, ours, asked(ours, null, all), next, all));
    }

    private static Episode.Request asked(
            DefaultClientRequest request, @Nullable RequestContent content, Redaction redaction) {
        BodyText body = content == null ? null : content.text(redaction);
        return new Episode.Request(
                request.method(),
                redaction.url(request.url()),
                redaction.headers(request.headers()),
                body,
                !request.options().decompress());
    }

    private Mono<ClientResponse> answer(
            long number, ClientRequest request, Episode.Request asked, Next next, Redaction redaction) {
        Episode known = tape.play(asked);
        if (known != null) {
            return Mono.fromSupplier(() -> known.replayed(request.url()));
        }
        if (!tape.records()) {
            return Mono.error(tape.unknown(asked));
        }
        Recording recording = new Recording(number, asked, redaction);
        return next.proceed(request).flatMap(recording::of);
    }

    /** One request on its way into the file. */
    private final class Recording {
        private final long number;
        private final Episode.Request asked;
        private final Redaction redaction;

        Recording(long number, Episode.Request asked, Redaction redaction) {
            this.number = number;
            this.asked = asked;
            this.redaction = redaction;
        }

        Mono<ClientResponse> of(ClientResponse response) {
            String type = response.headers().first("content-type").orElse("");
            return type.startsWith("text/event-stream")
                    ? Mono.just(new ObservedResponse(response, new Stream(response)))
                    : StoredResponse.of(response)
                            .cast(StoredResponse.class)
                            .flatMap(stored -> store(stored, stored.content()).thenReturn(stored));
        }

        Mono<Void> store(ClientResponse response, byte[] content) {
            String url = redaction.url(response.url());
            String type = response.headers().first("content-type").orElse(null);
            return tape.store(new Episode(
                    number,
                    asked,
                    new Episode.Response(
                            response.status(),
                            response.reason(),
                            url.equals(asked.url()) ? null : url,
                            response.history().stream().map(this::hop).toList(),
                            redaction.headers(response.headers()),
                            content.length == 0 ? null : BodyText.of(content, type, redaction),
                            redaction.headers(response.trailers()))));
        }

        private ClientResponse.Hop hop(ClientResponse.Hop hop) {
            return new ClientResponse.Hop(
                    hop.status(), redaction.url(hop.url()), Episode.fields(redaction.headers(hop.headers())));
        }

        /** What does not come all at once. */
        private final class Stream implements ObservedResponse.Observer {
            private final ClientResponse response;
            private final java.io.ByteArrayOutputStream content = new java.io.ByteArrayOutputStream();

            Stream(ClientResponse response) {
                this.response = response;
            }

            @Override
            public void piece(ByteBuffer piece) {
                byte[] bytes = new byte[piece.remaining()];
                piece.get(bytes);
                content.writeBytes(bytes);
            }

            @Override
            public Mono<Void> ended() {
                return store(response, content.toByteArray());
            }

            @Override
            public void failed(Throwable error) {
                content.reset();
            }

            @Override
            public void left() {
                content.reset();
            }
        }
    }

    @Override
    public String toString() {
        return "Cassette(" + file + ", " + mode + ")";
    }

    /**
     * Settings of a cassette.
     *
     * <pre>{@code
     * Cassette cassette = Cassette.builder(file)
     *         .matchBody(true)
     *         .redactHeaders("X-Session")
     *         .redact(text -> text.replace(password, "password"))
     *         .build();
     * }</pre>
     *
     * <p>Python's {@code vcr.VCR(…)}.
     */
    public static final class Builder {
        private final Path file;
        private Mode mode = Mode.ONCE;
        private boolean matchBody;
        private Redaction redaction = Redaction.standard();

        private Builder(Path file) {
            this.file = Checks.notNull(file, "file");
        }

        /** {@link Mode#ONCE} if nothing is said. */
        public Builder mode(Mode value) {
            mode = Checks.notNull(value, "mode");
            return this;
        }

        /** Whether requests that differ in their bodies are different; they are not if nothing is said. */
        public Builder matchBody(boolean on) {
            matchBody = on;
            return this;
        }

        /** Headers, of requests and responses, whose values do not get into the file. */
        public Builder redactHeaders(String... names) {
            redaction = redaction.headers(Arrays.asList(names));
            return this;
        }

        /** Parameters, of queries and forms, whose values do not get into the file. */
        public Builder redactParams(String... names) {
            redaction = redaction.params(Arrays.asList(names));
            return this;
        }

        /**
         * Is given every text that is to be written (URLs, values of headers, bodies that are text) and gives back what is
         * written instead. It has to give the same for the same, as requests are compared after it.
         */
        public Builder redact(UnaryOperator<String> text) {
            redaction = redaction.text(text);
            return this;
        }

        /** The cassette. Nothing is read before the first request. */
        public Cassette build() {
            return new Cassette(this);
        }
    }
}
