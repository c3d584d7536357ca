package io.github.asyncio4j.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * RFC 9110, section 15.4: where a redirect leads, and what is sent there. What was meant for one origin is taken off
 * when the next request goes to another one, and is not put back on the way home.
 */
final class Redirects {

    private static final Set<String> BODY_HEADERS = Set.of(
            "content-type",
            "content-length",
            "content-encoding",
            "content-language",
            "content-location",
            "transfer-encoding",
            "expect");
    private static final Set<String> ORIGIN_HEADERS =
            Set.of("authorization", "proxy-authorization", "cookie", "host", "origin");

    private Redirects() {}

    /** The request that follows {@code head}, or null when that is the answer. */
    static @Nullable Outgoing next(
            Outgoing request, ResponseHead head, RequestOptions options, List<ClientResponse.Hop> history)
            throws ClientException {
        String location = head.headers.get("location");
        if (!options.followRedirects() || !isRedirect(head.status) || location == null || location.isEmpty()) {
            return null;
        }
        if (history.size() + 1 >= options.maxRedirects()) {
            List<ClientResponse.Hop> all = new ArrayList<>(history);
            all.add(new ClientResponse.Hop(head.status, request.url().toString(), head.headers));
            throw new TooManyRedirectsException(
                    request.describe() + ": redirect number " + all.size() + ", with maxRedirects = "
                            + options.maxRedirects(),
                    all);
        }
        Url target = target(request, location, options);
        Outgoing next = rewriteMethod(request, head.status);
        if (!next.isReplayable()) {
            throw new BodyNotReplayableException(
                    request.describe() + ": redirected with " + head.status + ", but its body can be read only once");
        }
        HeaderList headers = next.headers();
        if (!target.origin.equals(request.url().origin)) {
            headers = withoutSecrets(headers, options);
        }
        if (target.login != null) {
            headers = headers.set("Authorization", DefaultClientRequest.basic(target.login));
        }
        return new Outgoing(next.method(), target, headers, next.body());
    }

    private static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    private static Url target(Outgoing request, String location, RequestOptions options) throws ClientException {
        Url target;
        try {
            target = request.url().resolve(Latin1.asUtf8(location));
        } catch (InvalidUrlException e) {
            throw new InvalidUrlException(
                    request.describe() + ": redirected to something that cannot be followed: " + e.getMessage());
        }
        if (request.url().origin.secure() && !target.origin.secure() && !options.allowSecureDowngrade()) {
            throw new InvalidUrlException(
                    request.describe() + ": redirected from https to http, which is refused unless allowed");
        }
        return target.fragment == null ? target.withFragment(request.url().fragment) : target;
    }

    private static Outgoing rewriteMethod(Outgoing request, int status) {
        boolean toGet = status == 303
                        && !request.method().equals("HEAD")
                        && !request.method().equals("GET")
                || (status == 301 || status == 302) && request.method().equals("POST");
        return toGet
                ? new Outgoing("GET", request.url(), strip(request.headers(), BODY_HEADERS, Set.of()), null)
                : request;
    }

    /** What may go to another origin. */
    static HeaderList withoutSecrets(HeaderList headers, RequestOptions options) {
        return strip(headers, ORIGIN_HEADERS, options.secretHeaders());
    }

    private static HeaderList strip(HeaderList headers, Set<String> names, Set<String> more) {
        return headers.without(name -> names.contains(name) || more.contains(name));
    }
}
