package io.github.asyncio4j.http;

import java.util.Set;

/**
 * How a request is carried out, as opposed to what it sends.
 *
 * @param followRedirects whether a redirect is followed; a HEAD request asks for it explicitly
 * @param maxRedirects how many are followed
 * @param allowSecureDowngrade whether one may lead from https to http
 * @param secretHeaders names, in lower case, of headers that stay with the origin they were meant for
 * @param maxBodySize bytes that an aggregated body may have
 * @param maxInflateRatio how many bytes one byte of a compressed body may become
 * @param decompress whether Content-Encoding is undone
 */
record RequestOptions(
        ClientTimeout timeout,
        boolean followRedirects,
        int maxRedirects,
        boolean allowSecureDowngrade,
        Set<String> secretHeaders,
        boolean raiseForStatus,
        long maxBodySize,
        int maxInflateRatio,
        boolean decompress) {
    RequestOptions withTimeout(ClientTimeout value) {
        return new RequestOptions(
                value,
                followRedirects,
                maxRedirects,
                allowSecureDowngrade,
                secretHeaders,
                raiseForStatus,
                maxBodySize,
                maxInflateRatio,
                decompress);
    }

    RequestOptions withFollowRedirects(boolean value) {
        return new RequestOptions(
                timeout,
                value,
                maxRedirects,
                allowSecureDowngrade,
                secretHeaders,
                raiseForStatus,
                maxBodySize,
                maxInflateRatio,
                decompress);
    }

    RequestOptions withMaxRedirects(int value) {
        return new RequestOptions(
                timeout,
                followRedirects,
                value,
                allowSecureDowngrade,
                secretHeaders,
                raiseForStatus,
                maxBodySize,
                maxInflateRatio,
                decompress);
    }

    RequestOptions withRaiseForStatus(boolean value) {
        return new RequestOptions(
                timeout,
                followRedirects,
                maxRedirects,
                allowSecureDowngrade,
                secretHeaders,
                value,
                maxBodySize,
                maxInflateRatio,
                decompress);
    }

    RequestOptions withMaxBodySize(long value) {
        return new RequestOptions(
                timeout,
                followRedirects,
                maxRedirects,
                allowSecureDowngrade,
                secretHeaders,
                raiseForStatus,
                value,
                maxInflateRatio,
                decompress);
    }

    RequestOptions withDecompress(boolean value) {
        return new RequestOptions(
                timeout,
                followRedirects,
                maxRedirects,
                allowSecureDowngrade,
                secretHeaders,
                raiseForStatus,
                maxBodySize,
                maxInflateRatio,
                value);
    }
}
