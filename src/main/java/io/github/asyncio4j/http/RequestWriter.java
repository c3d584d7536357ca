package io.github.asyncio4j.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns a request into bytes (RFC 9112, section 3). All parts were checked when they were given. */
final class RequestWriter {

    static final String USER_AGENT = "asyncio4j/0.1";

    private static final int TYPICAL_HEAD = 256;

    private RequestWriter() {}

    /** The whole request in one buffer. */
    static ByteBuf write(Outgoing request, ByteBufAllocator allocator) {
        RequestBody body = request.body();
        int bodyLength = body == null ? 0 : body.bytes().length;
        ByteBuf out = allocator.buffer(TYPICAL_HEAD + bodyLength);
        try {
            head(request, body, out);
            if (body != null) {
                out.writeBytes(body.bytes());
            }
            return out;
        } catch (RuntimeException e) {
            out.release();
            throw e;
        }
    }

    private static void head(Outgoing request, @Nullable RequestBody body, ByteBuf out) {
        HeaderList headers = request.headers();
        ascii(out, request.method());
        out.writeByte(' ');
        ascii(out, request.url().target());
        ascii(out, " HTTP/1.1\r\n");
        absent(headers, "Host", request.url().origin.hostHeader(), out);
        absent(headers, "User-Agent", USER_AGENT, out);
        absent(headers, "Accept", "*/*", out);
        for (Map.Entry<String, String> field : headers.fields()) {
            field(field.getKey(), field.getValue(), out);
        }
        if (body != null) {
            if (body.contentType() != null) {
                absent(headers, "Content-Type", body.contentType(), out);
            }
            field("Content-Length", Integer.toString(body.bytes().length), out);
        } else if (announcesEmptyBody(request.method())) {
            field("Content-Length", "0", out);
        }
        ascii(out, "\r\n");
    }

    // RFC 9110, section 8.6: where the method gives a body a meaning, its absence is said.
    private static boolean announcesEmptyBody(String method) {
        return method.equals("POST") || method.equals("PUT") || method.equals("PATCH");
    }

    private static void absent(HeaderList headers, String name, String value, ByteBuf out) {
        if (!headers.contains(name)) {
            field(name, value, out);
        }
    }

    private static void field(String name, String value, ByteBuf out) {
        ascii(out, name);
        ascii(out, ": ");
        out.writeCharSequence(value, StandardCharsets.ISO_8859_1);
        ascii(out, "\r\n");
    }

    private static void ascii(ByteBuf out, String text) {
        ByteBufUtil.writeAscii(out, text);
    }
}
