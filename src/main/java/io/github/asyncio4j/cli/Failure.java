package io.github.asyncio4j.cli;

import io.github.asyncio4j.http.BodyTooLargeException;
import io.github.asyncio4j.http.ClientConnectException;
import io.github.asyncio4j.http.ClientPayloadException;
import io.github.asyncio4j.http.ClientResponseException;
import io.github.asyncio4j.http.ClientTimeoutException;
import io.github.asyncio4j.http.ClientTlsException;
import io.github.asyncio4j.http.HostNotFoundException;
import io.github.asyncio4j.http.InvalidResponseException;
import io.github.asyncio4j.http.InvalidUrlException;
import io.github.asyncio4j.http.ServerDisconnectedException;
import io.github.asyncio4j.http.TooManyRedirectsException;
import java.util.concurrent.TimeoutException;

/**
 * Why one request failed.
 *
 * @param kind a word that reports count by
 * @param reason one line
 */
record Failure(String kind, String reason) {

    private static final int LONGEST_REASON = 160;

    static Failure of(String url, Throwable error) {
        return new Failure(kind(error), reason(url, error));
    }

    static Failure ofStatus(String url, int status) {
        return new Failure(status(status), url + ": status " + status);
    }

    private static String status(int status) {
        return "status-" + status;
    }

    private static String kind(Throwable error) {
        if (error instanceof ClientResponseException response) {
            return status(response.status());
        }
        if (error instanceof ClientTimeoutException || error instanceof TimeoutException) {
            return "timeout";
        }
        if (error instanceof HostNotFoundException) {
            return "dns";
        }
        if (error instanceof ClientTlsException) {
            return "tls";
        }
        if (error instanceof ClientConnectException) {
            return "connect";
        }
        if (error instanceof ServerDisconnectedException) {
            return "disconnected";
        }
        if (error instanceof ClientPayloadException) {
            return "incomplete-body";
        }
        return badInput(error);
    }

    private static String badInput(Throwable error) {
        if (error instanceof InvalidUrlException || error instanceof IllegalArgumentException) {
            return "invalid-url";
        }
        if (error instanceof TooManyRedirectsException) {
            return "redirects";
        }
        if (error instanceof InvalidResponseException) {
            return "invalid-response";
        }
        return error instanceof BodyTooLargeException ? "body-too-large" : "other";
    }

    private static String reason(String url, Throwable error) {
        String message = error.getMessage();
        String line = message == null
                ? error.getClass().getSimpleName()
                : message.lines().findFirst().orElse("").strip();
        String named = line.contains("://") ? line : url + ": " + line;
        return named.length() <= LONGEST_REASON ? named : named.substring(0, LONGEST_REASON - 3) + "...";
    }
}
