package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.net.URLConnection;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** RFC 7578. The length of all parts is known before the first is sent, so that nothing needs to be chunked. */
final class DefaultMultipartForm implements MultipartForm {

    static final DefaultMultipartForm EMPTY = new DefaultMultipartForm(List.of());

    /** A part's head, and its content or the file that holds it. */
    private record Part(
            byte[] head, byte[] content, @Nullable Path file) {}

    private final List<Part> parts;

    private DefaultMultipartForm(List<Part> parts) {
        this.parts = parts;
    }

    @Override
    public MultipartForm field(String name, String value) {
        byte[] content = Checks.notNull(value, "value").getBytes(StandardCharsets.UTF_8);
        return with(new Part(head(name, null, null), content, null));
    }

    @Override
    public MultipartForm file(String name, String filename, String contentType, byte[] content) {
        Checks.notNull(filename, "filename");
        Checks.notNull(contentType, "contentType");
        return with(new Part(head(name, filename, contentType), Checks.notNull(content, "content"), null));
    }

    @Override
    public MultipartForm file(String name, Path file) {
        Path last = Checks.notNull(file, "file").getFileName();
        String filename = last == null ? "" : last.toString();
        String guessed = URLConnection.guessContentTypeFromName(filename);
        String type = guessed == null ? "application/octet-stream" : guessed;
        return with(new Part(head(name, filename, type), new byte[0], file));
    }

    private DefaultMultipartForm with(Part part) {
        List<Part> more = new ArrayList<>(parts);
        more.add(part);
        return new DefaultMultipartForm(more);
    }

    private static byte[] head(String name, @Nullable String filename, @Nullable String contentType) {
        StringBuilder head = new StringBuilder("Content-Disposition: form-data; ");
        head.append("name=\"")
                .append(quoted(Checks.notNull(name, "name"), "name"))
                .append('"');
        if (filename != null) {
            head.append("; filename=\"").append(quoted(filename, "filename")).append('"');
        }
        if (contentType != null) {
            head.append("\r\nContent-Type: ").append(HeaderList.checkValue("Content-Type", contentType));
        }
        return head.append("\r\n\r\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String quoted(String text, String what) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < ' ' || text.charAt(i) == 0x7f) {
                throw new IllegalArgumentException(what + " has a control character at index " + i);
            }
        }
        return text.replace("\"", "%22");
    }

    RequestBody body() {
        String boundary = "asyncio4j-" + UUID.randomUUID();
        byte[] separator = ascii("--" + boundary + "\r\n");
        byte[] lineEnd = ascii("\r\n");
        byte[] end = ascii("--" + boundary + "--\r\n");
        List<Flux<ByteBuffer>> pieces = new ArrayList<>();
        List<Mono<Long>> sizes = new ArrayList<>();
        long known = end.length;
        for (Part part : parts) {
            Path file = part.file();
            known += separator.length + part.head().length + part.content().length + lineEnd.length;
            pieces.add(piece(separator));
            pieces.add(piece(part.head()));
            pieces.add(file == null ? piece(part.content()) : RequestBody.read(file));
            pieces.add(piece(lineEnd));
            if (file != null) {
                sizes.add(RequestBody.size(file));
            }
        }
        pieces.add(piece(end));
        Mono<Long> size = Flux.concat(sizes).reduce(known, Long::sum);
        return RequestBody.measured(Flux.concat(pieces), size, "multipart/form-data; boundary=" + boundary);
    }

    private static Flux<ByteBuffer> piece(byte[] bytes) {
        return Flux.defer(() -> Flux.just(ByteBuffer.wrap(bytes)));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
