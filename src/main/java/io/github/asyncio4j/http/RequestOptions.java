package io.github.asyncio4j.http;

import java.util.Set;
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
        return new RequestOptions(
                value,
                followRedirects,
                maxRedirects,
                allowSecureDowngrade,
                secretHeaders,
                raisedWhen,
                maxBodySize,
                maxInflateRatio,
                decompress,
                proxies);
    }

    RequestOptions withFollowRedirects(boolean value) {
        return new RequestOptions(
                timeout,
                value,
                maxRedirects,
                allowSecureDowngrade,
                secretHeaders,
                raisedWhen,
                maxBodySize,
                maxInflateRatio,
                decompress,
                proxies);
    }

    RequestOptions withMaxRedirects(int value) {
        return new RequestOptions(
                timeout,
                followRedirects,
                value,
                allowSecureDowngrade,
                secretHeaders,
                raisedWhen,
                maxBodySize,
                maxInflateRatio,
                decompress,
                proxies);
    }

    RequestOptions withRaisedWhen(@Nullable Predicate<? super ClientResponse> value) {
        return new RequestOptions(
                timeout,
                followRedirects,
                maxRedirects,
                allowSecureDowngrade,
                secretHeaders,
                value,
                maxBodySize,
                maxInflateRatio,
                decompress,
                proxies);
    }

    RequestOptions withMaxBodySize(long value) {
        return new RequestOptions(
                timeout,
                followRedirects,
                maxRedirects,
                allowSecureDowngrade,
                secretHeaders,
                raisedWhen,
                value,
                maxInflateRatio,
                decompress,
                proxies);
    }

    RequestOptions withDecompress(boolean value) {
        return new RequestOptions(
                timeout,
                followRedirects,
                maxRedirects,
                allowSecureDowngrade,
                secretHeaders,
                raisedWhen,
                maxBodySize,
                maxInflateRatio,
                value,
                proxies);
    }

    RequestOptions withProxies(Proxies value) {
        return new RequestOptions(
                timeout,
                followRedirects,
                maxRedirects,
                allowSecureDowngrade,
                secretHeaders,
                raisedWhen,
                maxBodySize,
                maxInflateRatio,
                decompress,
                value);
    }
}
