package io.github.asyncio4j.cli;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say what each request looks like. */
final class RequestOptions {

    private static final String URL_ENCODED = "application/x-www-form-urlencoded";

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
            description = "The body; {n}, {uuid} and columns are filled in.")
    private @Nullable String data;

    @Option(
            names = {"-F", "--form"},
            paramLabel = "NAME=VALUE",
            description = "A field of a multipart form, or with NAME=@FILE a file; may be given often.")
    private List<String> form = List.of();

    @Option(
            names = "--data-urlencode",
            paramLabel = "NAME=VALUE",
            description = "A field of a form in one line (application/x-www-form-urlencoded); may be given often.")
    private List<String> fields = List.of();

    @Option(
            names = "--data-csv",
            paramLabel = "FILE",
            description = "Values to fill in, a line for each request in turn; the first line names them, and {name}"
                    + " in the URL, a header, -d or a form stands for one.")
    private @Nullable Path table;

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
        checkThatThereIsOneBody();
        byte @Nullable [] body = body();
        List<FormPart> parts = form.stream().map(FormPart::parse).toList();
        Template text = text();
        String user = auth == null ? null : auth.split(":", 2)[0];
        String password = auth == null || auth.indexOf(':') < 0 ? "" : auth.split(":", 2)[1];
        if (redirects < 0) {
            throw new IllegalArgumentException("--redirects must not be negative, but is " + redirects);
        }
        String unlessSaid = body == null && text == null && parts.isEmpty() ? "GET" : "POST";
        return new RequestTemplate(
                method == null ? unlessSaid : method,
                headers(),
                text,
                body,
                parts,
                table == null ? DataTable.NONE : DataTable.read(table),
                user,
                password,
                redirects);
    }

    private void checkThatThereIsOneBody() {
        List<String> said = new ArrayList<>();
        addIf(data != null, "--data", said);
        addIf(bodyFile != null, "--body-file", said);
        addIf(!form.isEmpty(), "--form", said);
        addIf(!fields.isEmpty(), "--data-urlencode", said);
        if (said.size() > 1) {
            throw new IllegalArgumentException(
                    "a body comes from " + said.get(0) + " or from " + said.get(1) + ", not from both");
        }
    }

    private static void addIf(boolean isSaid, String option, List<String> said) {
        if (isSaid) {
            said.add(option);
        }
    }

    private @Nullable Template text() {
        if (fields.isEmpty()) {
            return data == null ? null : new Template(data);
        }
        return new Template(fields.stream().map(RequestOptions::encoded).collect(Collectors.joining("&")));
    }

    /** Places to fill in stay as they are. */
    private static String encoded(String field) {
        int equals = field.indexOf('=');
        if (equals < 1) {
            throw new IllegalArgumentException("--data-urlencode wants NAME=VALUE, but is '" + field + "'");
        }
        return encode(field.substring(0, equals)) + "=" + encode(field.substring(equals + 1));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("%7B", "{")
                .replace("%7D", "}");
    }

    private byte @Nullable [] body() {
        if (bodyFile == null) {
            return null;
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
        putIfSaid(all, "Content-Type", contentType == null && !fields.isEmpty() ? URL_ENCODED : contentType);
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
