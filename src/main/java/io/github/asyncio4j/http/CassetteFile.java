package io.github.asyncio4j.http;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The JSON that a cassette is kept in, made to be read and compared by people. Blocks. */
final class CassetteFile {

    private static final int VERSION = 1;

    private CassetteFile() {}

    // ---------------------------------------------------------------- writing

    static void write(List<Episode> episodes, Path file) throws IOException {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("version", VERSION);
        all.put("interactions", episodes.stream().map(CassetteFile::tree).toList());
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        AtomicFile.write(file, Json.writePretty(all));
    }

    private static Map<String, Object> tree(Episode episode) {
        Map<String, Object> both = new LinkedHashMap<>();
        both.put("request", tree(episode.request()));
        both.put("response", tree(episode.response()));
        return both;
    }

    private static Map<String, Object> tree(Episode.Request request) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("method", request.method());
        tree.put("url", request.url());
        tree.put("headers", request.headers());
        putBody(tree, request.body());
        if (request.raw()) {
            tree.put("decompress", false);
        }
        return tree;
    }

    private static Map<String, Object> tree(Episode.Response response) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("status", response.status());
        tree.put("reason", response.reason());
        if (response.url() != null) {
            tree.put("url", response.url());
        }
        if (!response.history().isEmpty()) {
            tree.put(
                    "history",
                    response.history().stream().map(CassetteFile::tree).toList());
        }
        tree.put("headers", response.headers());
        putBody(tree, response.body());
        if (!response.trailers().isEmpty()) {
            tree.put("trailers", response.trailers());
        }
        return tree;
    }

    private static Map<String, Object> tree(ClientResponse.Hop hop) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("status", hop.status());
        tree.put("url", hop.url());
        tree.put("headers", Redaction.standard().headers(hop.headers()));
        return tree;
    }

    private static void putBody(Map<String, Object> tree, @Nullable BodyText body) {
        if (body == null) {
            return;
        }
        Charset charset = body.charset();
        tree.put(charset == null ? "base64" : "text", body.content());
        if (charset != null && !body.isUtf8()) {
            tree.put("charset", charset.name());
        }
    }

    // ---------------------------------------------------------------- reading

    static List<Episode> read(Path file) throws IOException {
        Tree all = new Tree(file + "", Json.<Map<?, ?>>read(Files.readAllBytes(file), Map.class));
        if (all.number("version") != VERSION) {
            throw new IOException(file + ": its version is not " + VERSION);
        }
        List<Episode> episodes = new ArrayList<>();
        for (Tree one : all.list("interactions")) {
            episodes.add(new Episode(episodes.size(), request(one.child("request")), response(one.child("response"))));
        }
        return episodes;
    }

    private static Episode.Request request(Tree tree) throws IOException {
        return new Episode.Request(
                tree.text("method"), tree.text("url"), tree.headers("headers"), tree.body(), tree.has("decompress"));
    }

    private static Episode.Response response(Tree tree) throws IOException {
        List<ClientResponse.Hop> history = new ArrayList<>();
        for (Tree hop : tree.list("history")) {
            history.add(new ClientResponse.Hop(
                    hop.number("status"), hop.text("url"), Episode.fields(hop.headers("headers"))));
        }
        return new Episode.Response(
                tree.number("status"),
                tree.text("reason"),
                tree.has("url") ? tree.text("url") : null,
                history,
                tree.headers("headers"),
                tree.body(),
                tree.headers("trailers"));
    }

    /** An object of the file; whatever is not as it should be is said with its place. */
    private record Tree(String place, @Nullable Map<?, ?> fields) {

        private @Nullable Object get(String name) throws IOException {
            if (fields == null) {
                throw new IOException(place + " is no object");
            }
            return fields.get(name);
        }

        boolean has(String name) throws IOException {
            return get(name) != null;
        }

        String text(String name) throws IOException {
            if (get(name) instanceof String text) {
                return text;
            }
            throw new IOException(place + " has no text called " + name);
        }

        int number(String name) throws IOException {
            if (get(name) instanceof Integer number) {
                return number;
            }
            throw new IOException(place + " has no number called " + name);
        }

        Tree child(String name) throws IOException {
            return new Tree(place + ", " + name, get(name) instanceof Map<?, ?> map ? map : null);
        }

        List<Tree> list(String name) throws IOException {
            List<Tree> all = new ArrayList<>();
            if (get(name) instanceof List<?> list) {
                for (Object each : list) {
                    all.add(new Tree(
                            place + ", " + name + "[" + all.size() + "]", each instanceof Map<?, ?> map ? map : null));
                }
            } else if (has(name)) {
                throw new IOException(place + " has no list called " + name);
            }
            return all;
        }

        Map<String, List<String>> headers(String name) throws IOException {
            Map<String, List<String>> all = new LinkedHashMap<>();
            if (!has(name)) {
                return all;
            }
            for (Map.Entry<?, ?> field : child(name).entries()) {
                List<String> values = new ArrayList<>();
                if (field.getValue() instanceof List<?> list) {
                    list.forEach(value -> values.add(String.valueOf(value)));
                } else {
                    values.add(String.valueOf(field.getValue()));
                }
                all.put(String.valueOf(field.getKey()), values);
            }
            return all;
        }

        private Iterable<? extends Map.Entry<?, ?>> entries() throws IOException {
            get("");
            return fields == null ? List.of() : fields.entrySet();
        }

        @Nullable
        BodyText body() throws IOException {
            if (has("base64")) {
                BodyText body = new BodyText(text("base64"), null);
                try {
                    body.bytes();
                } catch (IllegalArgumentException e) {
                    throw new IOException(place + ": base64 cannot be read", e);
                }
                return body;
            }
            if (!has("text")) {
                return null;
            }
            try {
                Charset charset = has("charset") ? Charset.forName(text("charset")) : StandardCharsets.UTF_8;
                return new BodyText(text("text"), charset);
            } catch (IllegalArgumentException e) {
                throw new IOException(place + ": its charset is not known here", e);
            }
        }
    }
}
