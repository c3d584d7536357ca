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

    /**
     * The head, and the body as well if it is here and not to wait.
     *
     * @param forward the proxy that it is handed to, if it is to see the whole URL
     */
    static ByteBuf write(
            Outgoing request,
            @Nullable Proxy forward,
            @Nullable String jarCookies,
            boolean decompress,
            ByteBufAllocator allocator) {
        RequestBody body = request.body();
        byte[] content = body == null || request.expectsContinue() ? null : body.bytes();
        ByteBuf out = allocator.buffer(TYPICAL_HEAD + (content == null ? 0 : content.length));
        try {
            head(request, forward, body, jarCookies, decompress, out);
            if (content != null) {
                out.writeBytes(content);
            }
            return out;
        } catch (RuntimeException e) {
            out.release();
            throw e;
        }
    }

    private static void head(
            Outgoing request,
            @Nullable Proxy forward,
            @Nullable RequestBody body,
            @Nullable String jarCookies,
            boolean decompress,
            ByteBuf out) {
        HeaderList headers = request.headers();
        ascii(out, request.method());
        out.writeByte(' ');
        ascii(out, forward == null ? request.url().target() : request.url().toString());
        ascii(out, " HTTP/1.1\r\n");
        String login = forward == null ? null : forward.authorization();
        if (login != null) {
            absent(headers, "Proxy-Authorization", login, out);
        }
        absent(headers, "Host", request.url().origin.hostHeader(), out);
        absent(headers, "User-Agent", USER_AGENT, out);
        absent(headers, "Accept", "*/*", out);
        if (decompress) {
            absent(headers, "Accept-Encoding", Codings.accepted(), out);
        }
        for (Map.Entry<String, String> field : headers.fields()) {
            if (!isOurs(field.getKey()) && !HeaderList.isAbsent(field.getValue())) {
                field(field.getKey(), field.getValue(), out);
            }
        }
        cookies(headers.get("Cookie"), jarCookies, out);
        framing(request, body, headers, out);
        ascii(out, "\r\n");
    }

    /** With all the fields that would be added on its way out, its cookies among them. */
    static Outgoing completed(Outgoing request, @Nullable String jarCookies, boolean decompress) {
        HeaderList own = request.headers();
        HeaderList added = HeaderList.EMPTY
                .add("Host", request.url().origin.hostHeader())
                .add("User-Agent", USER_AGENT)
                .add("Accept", "*/*");
        HeaderList all = (decompress ? added.add("Accept-Encoding", Codings.accepted()) : added).overriddenBy(own);
        if (jarCookies != null) {
            String cookies = own.get("Cookie");
            all = all.set("Cookie", cookies == null ? jarCookies : cookies + "; " + jarCookies);
        }
        return new Outgoing(request.method(), request.url(), framed(all, request), request.body(), true);
    }

    private static HeaderList framed(HeaderList headers, Outgoing request) {
        HeaderList plain = withoutFraming(headers);
        RequestBody body = request.body();
        if (body == null) {
            return announcesEmptyBody(request.method()) ? plain.add("Content-Length", "0") : plain;
        }
        String type = body.contentType();
        HeaderList typed = type == null || plain.contains("Content-Type") ? plain : plain.add("Content-Type", type);
        return body.length() < 0
                ? typed.add("Transfer-Encoding", "chunked")
                : typed.add("Content-Length", Long.toString(body.length()));
    }

    /** Without what follows from the body. */
    static HeaderList withoutFraming(HeaderList headers) {
        return headers.without(name -> name.equals("content-length") || name.equals("transfer-encoding"));
    }

    private static boolean isOurs(String name) {
        return switch (name.length()) {
            case 6 -> name.equalsIgnoreCase("Cookie");
            case 14 -> name.equalsIgnoreCase("Content-Length");
            case 17 -> name.equalsIgnoreCase("Transfer-Encoding");
            default -> false;
        };
    }

    private static void cookies(@Nullable String own, @Nullable String fromJar, ByteBuf out) {
        if (own != null && fromJar != null) {
            field("Cookie", own + "; " + fromJar, out);
        } else if (own != null) {
            field("Cookie", own, out);
        } else if (fromJar != null) {
            field("Cookie", fromJar, out);
        }
    }

    private static void framing(Outgoing request, @Nullable RequestBody body, HeaderList headers, ByteBuf out) {
        if (body != null) {
            if (body.contentType() != null) {
                absent(headers, "Content-Type", body.contentType(), out);
            }
            if (body.length() >= 0) {
                field("Content-Length", Long.toString(body.length()), out);
            } else {
                ascii(out, "Transfer-Encoding: chunked\r\n");
            }
        } else if (announcesEmptyBody(request.method())) {
            ascii(out, "Content-Length: 0\r\n");
        }
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
