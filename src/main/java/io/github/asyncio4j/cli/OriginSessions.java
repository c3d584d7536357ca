package io.github.asyncio4j.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.zip.GZIPOutputStream;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** Answers that depend on what a client does with them: follow, log in, remember, unpack. */
final class OriginSessions {

    private OriginSessions() {}

    /** {@code count} redirects in a row, and then an answer. */
    static Publisher<Void> redirect(HttpServerResponse response, long count) {
        return count == 0
                ? text(response, "there\n")
                : response.status(302)
                        .header("Location", "/redirect/" + (count - 1))
                        .header("Content-Length", "0")
                        .send();
    }

    static Publisher<Void> basicAuth(
            HttpServerRequest request, HttpServerResponse response, String user, String password) {
        String expected =
                "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        if (expected.equals(request.requestHeaders().get("Authorization"))) {
            return text(response, "welcome\n");
        }
        return text(response.status(401).header("WWW-Authenticate", "Basic realm=\"origin\""), "who are you?\n");
    }

    /** What the client has sent; {@code /cookies/name/value} sets one. */
    static Publisher<Void> cookies(HttpServerRequest request, HttpServerResponse response, String name, String value) {
        if (!name.isEmpty()) {
            return text(response.addHeader("Set-Cookie", name + "=" + value + "; Path=/"), "set\n");
        }
        String sent = request.requestHeaders().get("Cookie");
        return text(response, (sent == null ? "" : sent) + "\n");
    }

    static Publisher<Void> gzip(HttpServerResponse response, byte[] body) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail to be written", e);
        }
        return response.header("Content-Type", "application/json")
                .header("Content-Encoding", "gzip")
                .header("Content-Length", Integer.toString(packed.size()))
                .sendByteArray(Mono.just(packed.toByteArray()));
    }

    private static Publisher<Void> text(HttpServerResponse response, String text) {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        return response.header("Content-Type", "text/plain")
                .header("Content-Length", Integer.toString(body.length))
                .sendByteArray(Mono.just(body));
    }
}
