package io.github.asyncio4j.http;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Heads of HTTP/2 (RFC 9113, section 8): as lists of fields, the request line among them. */
final class H2Headers {

    /** What speaks of the connection, and Host, which has a field of its own. */
    private static final Set<String> NOT_SENT = Set.of(
            "host",
            "connection",
            "keep-alive",
            "proxy-connection",
            "transfer-encoding",
            "upgrade",
            "http2-settings",
            "te");

    private H2Headers() {}

    static Http2Headers of(Outgoing request, @Nullable String jarCookies, boolean decompress) {
        Outgoing all = RequestWriter.completed(request, jarCookies, decompress);
        String host = all.headers().get("Host");
        Http2Headers out = new DefaultHttp2Headers()
                .method(all.method())
                .scheme("https")
                .authority(host == null ? all.url().origin.hostHeader() : host)
                .path(all.url().target());
        for (Map.Entry<String, String> field : all.headers().fields()) {
            String name = field.getKey().toLowerCase(Locale.ROOT);
            if (!HeaderList.isAbsent(field.getValue()) && !NOT_SENT.contains(name)) {
                out.add(name, field.getValue());
            }
        }
        return out;
    }

    static ResponseHead head(Http2Headers headers) throws InvalidResponseException {
        CharSequence status = headers.status();
        if (status == null || !status.toString().matches("[1-5]\\d\\d")) {
            throw new InvalidResponseException("the response has no status");
        }
        return ResponseHead.of(Integer.parseInt(status.toString()), fields(headers));
    }

    static HeaderBlock trailers(Http2Headers headers) throws InvalidResponseException {
        return ResponseHead.of(200, fields(headers)).headers;
    }

    private static List<Map.Entry<String, String>> fields(Http2Headers headers) throws InvalidResponseException {
        List<Map.Entry<String, String>> fields = new ArrayList<>(headers.size());
        try {
            for (Map.Entry<CharSequence, CharSequence> field : headers) {
                String name = field.getKey().toString();
                if (!name.startsWith(":")) {
                    String value = field.getValue().toString();
                    fields.add(Map.entry(HeaderList.checkName(name), HeaderList.checkValue(name, value)));
                }
            }
        } catch (IllegalArgumentException e) {
            throw new InvalidResponseException("the response has a header that is none: " + e.getMessage());
        }
        return fields;
    }

    /** What the head declares; -1 for nothing. */
    static long length(ResponseHead head) throws InvalidResponseException {
        List<String> all = head.headers.all("content-length");
        if (all.isEmpty()) {
            return -1;
        }
        if (all.size() > 1 || !all.get(0).matches("\\d{1,18}")) {
            throw new InvalidResponseException("the response has a Content-Length that is no number");
        }
        return Long.parseLong(all.get(0));
    }
}
