package io.github.asyncio4j.micrometer;

import io.github.asyncio4j.http.ClientException;
import io.github.asyncio4j.http.ClientResponse;
import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The names of Spring's WebClient, key by key: registries such as Prometheus want the same keys from all who feed a
 * meter, and dashboards know these.
 */
final class Names implements ObservationConvention<RequestContext> {

    static final Names INSTANCE = new Names();
    static final String NAME = "http.client.requests";
    static final String NONE = "none";

    private Names() {}

    @Override
    public String getName() {
        return NAME;
    }

    @Override
    public String getContextualName(RequestContext context) {
        return "http " + context.request().method().toLowerCase(Locale.ROOT);
    }

    @Override
    public KeyValues getLowCardinalityKeyValues(RequestContext context) {
        return KeyValues.of(
                KeyValue.of("client.name", host(context.request().url())),
                KeyValue.of("exception", exception(context)),
                KeyValue.of("method", context.request().method()),
                KeyValue.of("outcome", outcome(context.getResponse())),
                KeyValue.of("status", status(context)),
                KeyValue.of("uri", context.uri()));
    }

    @Override
    public KeyValues getHighCardinalityKeyValues(RequestContext context) {
        return KeyValues.of("http.url", withoutQuery(context.request().url()));
    }

    @Override
    public boolean supportsContext(Observation.Context context) {
        return context instanceof RequestContext;
    }

    private static String exception(RequestContext context) {
        Throwable error = context.getError();
        if (error == null) {
            return context.isCancelled() ? "CancellationException" : NONE;
        }
        String name = error.getClass().getSimpleName();
        return name.isEmpty() ? error.getClass().getName() : name;
    }

    private static String status(RequestContext context) {
        ClientResponse response = context.getResponse();
        if (response != null) {
            return Integer.toString(response.status());
        }
        return context.getError() instanceof ClientException ? "IO_ERROR" : "CLIENT_ERROR";
    }

    private static String outcome(@Nullable ClientResponse response) {
        return switch (response == null ? 0 : response.status() / 100) {
            case 1 -> "INFORMATIONAL";
            case 2 -> "SUCCESS";
            case 3 -> "REDIRECTION";
            case 4 -> "CLIENT_ERROR";
            case 5 -> "SERVER_ERROR";
            default -> "UNKNOWN";
        };
    }

    /** The query may hold what is nobody's business: tokens, signatures, names. */
    private static String withoutQuery(String url) {
        int query = url.indexOf('?');
        return query < 0 ? url : url.substring(0, query);
    }

    /** Scheme, host and port of an absolute URL. */
    static String address(String url) {
        String plain = withoutQuery(url);
        int path = plain.indexOf('/', plain.indexOf("://") + 3);
        return path < 0 ? plain : plain.substring(0, path);
    }

    private static String host(String url) {
        String address = address(url);
        String authority = address.substring(address.indexOf("://") + 3);
        int port = authority.lastIndexOf(':');
        return port > authority.lastIndexOf(']') ? authority.substring(0, port) : authority;
    }
}
