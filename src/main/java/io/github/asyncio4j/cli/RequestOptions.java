package io.github.asyncio4j.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say what each request looks like. */
final class RequestOptions {

    @Option(
            names = {"-m", "--method"},
            paramLabel = "METHOD",
            description = "GET, or POST with a body, unless said.")
    private @Nullable String method;

    @Option(
            names = {"-H", "--header"},
            paramLabel = "'NAME: VALUE'",
            description = "A header; may be given often.")
    private List<String> headers = List.of();

    @Option(
            names = {"-d", "--data"},
            paramLabel = "TEXT",
            description = "The body.")
    private @Nullable String data;

    @Option(
            names = {"-D", "--body-file"},
            paramLabel = "FILE",
            description = "The body, from a file.")
    private @Nullable Path bodyFile;

    @Option(
            names = {"-T", "--content-type"},
            paramLabel = "TYPE",
            description = "The header Content-Type.")
    private @Nullable String contentType;

    @Option(
            names = {"-A", "--accept"},
            paramLabel = "TYPE",
            description = "The header Accept.")
    private @Nullable String accept;

    @Option(
            names = {"-a", "--auth"},
            paramLabel = "USER:PASSWORD",
            description = "Basic authentication.")
    private @Nullable String auth;

    @Option(
            names = {"-r", "--redirects"},
            paramLabel = "N",
            defaultValue = "0",
            description = "How many redirects are followed (default: none).")
    private int redirects;

    /** @throws IllegalArgumentException with a sentence for the user */
    RequestTemplate template() {
        byte @Nullable [] body = body();
        String user = auth == null ? null : auth.split(":", 2)[0];
        String password = auth == null || auth.indexOf(':') < 0 ? "" : auth.split(":", 2)[1];
        if (redirects < 0) {
            throw new IllegalArgumentException("--redirects must not be negative, but is " + redirects);
        }
        String unlessSaid = body == null ? "GET" : "POST";
        return new RequestTemplate(method == null ? unlessSaid : method, headers(), body, user, password, redirects);
    }

    private byte @Nullable [] body() {
        if (bodyFile == null) {
            return data == null ? null : data.getBytes(StandardCharsets.UTF_8);
        }
        if (data != null) {
            throw new IllegalArgumentException("a body comes from --data or from --body-file, not from both");
        }
        try {
            return Files.readAllBytes(bodyFile);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("cannot read the body from " + bodyFile + ": no such file", e);
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read the body from " + bodyFile + ": " + e.getMessage(), e);
        }
    }

    private Map<String, String> headers() {
        Map<String, String> all = new LinkedHashMap<>();
        putIfSaid(all, "Content-Type", contentType);
        putIfSaid(all, "Accept", accept);
        for (String header : headers) {
            int colon = header.indexOf(':');
            if (colon < 1) {
                throw new IllegalArgumentException("--header wants 'Name: value', but is '" + header + "'");
            }
            all.put(
                    header.substring(0, colon).strip(),
                    header.substring(colon + 1).strip());
        }
        return all;
    }

    private static void putIfSaid(Map<String, String> headers, String name, @Nullable String value) {
        if (value != null) {
            headers.put(name, value);
        }
    }
}
