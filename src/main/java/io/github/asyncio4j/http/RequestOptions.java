package io.github.asyncio4j.http;

import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * How a request is carried out, as opposed to what it sends.
 *
 * @param followRedirects whether a redirect is followed; a HEAD request asks for it explicitly
 * @param maxRedirects how many are followed
 * @param allowSecureDowngrade whether one may lead from https to http
 * @param secretHeaders names, in lower case, of headers that stay with the origin they were meant for
 * @param raisedWhen which responses are errors whatever is asked of them, or null for none
 * @param maxBodySize bytes that an aggregated body may have
 * @param maxInflateRatio how many bytes one byte of a compressed body may become
 * @param decompress whether Content-Encoding is undone
 * @param proxies the session's, or what the request says instead
 */
record RequestOptions(
        ClientTimeout timeout,
        boolean followRedirects,
        int maxRedirects,
        boolean allowSecureDowngrade,
        Set<String> secretHeaders,
        @Nullable Predicate<? super ClientResponse> raisedWhen,
        long maxBodySize,
        int maxInflateRatio,
        boolean decompress,
        Proxies proxies) {

    private static final Predicate<ClientResponse> NOT_OK = response -> !response.ok();

    static @Nullable Predicate<? super ClientResponse> notOk(boolean raise) {
        return raise ? NOT_OK : null;
    }

    RequestOptions withTimeout(ClientTimeout value) {
        return with(draft -> draft.timeout = value);
    }

    RequestOptions withFollowRedirects(boolean value) {
        return with(draft -> draft.followRedirects = value);
    }

    RequestOptions withMaxRedirects(int value) {
        return with(draft -> draft.maxRedirects = value);
    }

    RequestOptions withRaisedWhen(@Nullable Predicate<? super ClientResponse> value) {
        return with(draft -> draft.raisedWhen = value);
    }

    RequestOptions withMaxBodySize(long value) {
        return with(draft -> draft.maxBodySize = value);
    }

    RequestOptions withDecompress(boolean value) {
        return with(draft -> draft.decompress = value);
    }

    RequestOptions withProxies(Proxies value) {
        return with(draft -> draft.proxies = value);
    }

    private RequestOptions with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return new RequestOptions(
                draft.timeout,
                draft.followRedirects,
                draft.maxRedirects,
                allowSecureDowngrade,
                secretHeaders,
                draft.raisedWhen,
                draft.maxBodySize,
                maxInflateRatio,
                draft.decompress,
                draft.proxies);
    }

    /** What a request may say otherwise than its session. */
    private static final class Draft {
        private ClientTimeout timeout;
        private boolean followRedirects;
        private int maxRedirects;
        private @Nullable Predicate<? super ClientResponse> raisedWhen;
        private long maxBodySize;
        private boolean decompress;
        private Proxies proxies;

        Draft(RequestOptions from) {
            timeout = from.timeout;
            followRedirects = from.followRedirects;
            maxRedirects = from.maxRedirects;
            raisedWhen = from.raisedWhen;
            maxBodySize = from.maxBodySize;
            decompress = from.decompress;
            proxies = from.proxies;
        }
    }
}
