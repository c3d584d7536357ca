package io.github.asyncio4j.cli;

import io.github.asyncio4j.http.ClientRequest;
import io.github.asyncio4j.http.ClientSession;
import io.github.asyncio4j.http.MultipartForm;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What every request of a load run has in common.
 *
 * @param headers by name, with places to fill in
 * @param text a body with places to fill in; at most one of this, {@code body} and {@code parts} is there
 * @param body that is sent as it is
 * @param parts of a form
 * @param data what is filled in
 * @param user with {@code password}, for basic authentication
 * @param redirects followed at most
 */
record RequestTemplate(
        String method,
        Map<String, String> headers,
        @Nullable Template text,
        byte @Nullable [] body,
        List<FormPart> parts,
        DataTable data,
        @Nullable String user,
        String password,
        int redirects) {

    ClientRequest request(ClientSession session, String url, long number) {
        Map<String, String> row = data.row(number);
        ClientRequest request = session.request(method, new Template(url).filledIn(number, row))
                .headers(filledIn(number, row))
                .followRedirects(redirects > 0);
        if (redirects > 0) {
            request = request.maxRedirects(redirects);
        }
        if (user != null) {
            request = request.basicAuth(user, password);
        }
        return withBody(request, number, row);
    }

    private Map<String, String> filledIn(long number, Map<String, String> row) {
        if (headers.values().stream().noneMatch(value -> value.indexOf('{') >= 0)) {
            return headers;
        }
        Map<String, String> filled = new LinkedHashMap<>();
        headers.forEach((name, value) -> filled.put(name, new Template(value).filledIn(number, row)));
        return filled;
    }

    private ClientRequest withBody(ClientRequest request, long number, Map<String, String> row) {
        if (!parts.isEmpty()) {
            MultipartForm form = MultipartForm.create();
            for (FormPart part : parts) {
                form = part.addedTo(form, number, row);
            }
            return request.multipart(form);
        }
        if (text != null) {
            return request.body(text.filledIn(number, row).getBytes(StandardCharsets.UTF_8));
        }
        return body == null ? request : request.body(body);
    }
}
