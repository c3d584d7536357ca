package io.github.asyncio4j.site;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.asyncio4j.testing.Markdown;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The pages of the repository as a folder of HTML files that need no network and no script: each Markdown page, and each
 * source that a page links to. {@code mvn -Psite package} runs it behind the Javadoc.
 */
public final class Site {

    private static final Map<String, List<String>> MENU = menu();

    private final Path repository;
    private final Path target;
    private final Deque<Path> pending = new ArrayDeque<>();
    private final Set<Path> known = new HashSet<>();

    private Site(Path repository, Path target) {
        this.repository = repository;
        this.target = target;
    }

    private static Map<String, List<String>> menu() {
        Map<String, List<String>> menu = new LinkedHashMap<>();
        menu.put(
                "Start",
                List.of("README.md", "docs/tutorial-asyncio.md", "docs/tutorial-reactor.md", "docs/recipes.md"));
        menu.put(
                "Packages",
                Stream.of(
                                "task",
                                "runner",
                                "time",
                                "resource",
                                "sync",
                                "queue",
                                "stream",
                                "thread",
                                "file",
                                "ratelimit",
                                "http",
                                "middleware",
                                "websocket",
                                "testing")
                        .map(name -> "docs/" + name + ".md")
                        .toList());
        menu.put(
                "Reference",
                List.of(
                        "docs/asyncio-to-java.md",
                        "docs/aiohttp-to-java.md",
                        "docs/design.md",
                        "docs/promises.md",
                        "docs/adr",
                        "docs/cli.md",
                        "apidocs",
                        "docs/performance.md"));
        menu.put("Running it", List.of("docs/operating.md", "docs/security.md", "CHANGELOG.md", "CONTRIBUTING.md"));
        return menu;
    }

    /** Writes the site; arguments are the repository and the folder to write to. Fails when a link leads nowhere. */
    public static void main(String[] args) throws IOException {
        List<String> dead = write(Path.of(args[0]), Path.of(args[1]));
        if (!dead.isEmpty()) {
            throw new IllegalStateException("dead links:\n" + String.join("\n", dead));
        }
    }

    static List<String> write(Path repository, Path target) throws IOException {
        Site site = new Site(repository, target);
        Markdown.pages().forEach(site::add);
        while (!site.pending.isEmpty()) {
            site.write(site.pending.remove());
        }
        Files.createDirectories(target);
        try (InputStream style = Site.class.getResourceAsStream("/site/style.css")) {
            Files.write(
                    target.resolve("style.css"), Objects.requireNonNull(style).readAllBytes());
        }
        return new Links(target).dead();
    }

    private void add(Path file) {
        if (known.add(file)) {
            pending.add(file);
        }
    }

    /** Where a file of the repository is in the site. */
    static String place(Path file) {
        String name = file.toString();
        if (name.equals("README.md")) {
            return "index.html";
        }
        if (name.endsWith(".md")) {
            return name.replaceFirst("md$", "html");
        }
        if (name.equals("apidocs") || !name.contains(".") && !name.equals("LICENSE")) {
            return name + "/index.html";
        }
        return name.matches(".*\\.(png|svg|txt)") ? name : name + ".html";
    }

    private void write(Path file) throws IOException {
        Path place = target.resolve(place(file));
        Files.createDirectories(place.getParent());
        Path source = repository.resolve(file);
        if (place.toString().endsWith(".html")) {
            Files.writeString(place, page(file, source));
        } else {
            Files.write(place, Files.readAllBytes(source));
        }
    }

    private String page(Path file, Path source) throws IOException {
        Path folder = Objects.requireNonNullElse(Path.of(place(file)).getParent(), Path.of(""));
        if (Files.isDirectory(source)) {
            return frame(file.getFileName().toString(), folder, list(file, source, folder));
        }
        String text = Files.readString(source);
        if (!file.toString().endsWith(".md")) {
            return frame(file.getFileName().toString(), folder, "<pre><code>" + Html.java(text) + "</code></pre>");
        }
        return frame(title(file), folder, Html.of(text, link -> resolved(file, folder, link)));
    }

    private String list(Path file, Path source, Path folder) throws IOException {
        try (Stream<Path> pages = Files.list(source)) {
            return "<h1>" + file.getFileName() + "</h1><ul>"
                    + pages.filter(page -> page.toString().endsWith(".md"))
                            .map(page -> file.resolve(page.getFileName()))
                            .sorted()
                            .map(page -> "<li><a href=\"" + relative(folder, page) + "\">" + title(page) + "</a></li>")
                            .collect(Collectors.joining())
                    + "</ul>";
        }
    }

    private String resolved(Path file, Path folder, String link) {
        if (link.matches("[a-z]+:.*") || link.startsWith("#")) {
            return link;
        }
        String[] parts = link.split("#", 2);
        Path linked = file.resolveSibling(parts[0]).normalize();
        add(linked);
        return relative(folder, linked) + (parts.length == 2 ? "#" + parts[1] : "");
    }

    private static String relative(Path folder, Path file) {
        return folder.relativize(Path.of(place(file))).toString().replace('\\', '/');
    }

    private String title(Path page) {
        try (Stream<String> lines = Files.lines(repository.resolve(page), UTF_8)) {
            return lines.filter(line -> line.startsWith("# "))
                    .findFirst()
                    .map(line -> line.substring(2).replace("`", ""))
                    .orElse(page.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String frame(String title, Path folder, String body) {
        String style = folder.relativize(Path.of("style.css")).toString();
        StringBuilder menu = new StringBuilder();
        MENU.forEach((heading, pages) -> {
            menu.append("<h2>").append(heading).append("</h2><ul>");
            for (String page : pages) {
                menu.append("<li><a href=\"")
                        .append(relative(folder, Path.of(page)))
                        .append("\">")
                        .append(Html.escaped(label(page)))
                        .append("</a></li>");
            }
            menu.append("</ul>");
        });
        return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>"
                + Html.escaped(title) + "</title>\n<link rel=\"stylesheet\" href=\"" + style
                + "\">\n</head>\n<body>\n<nav>"
                + menu + "</nav>\n<main>\n" + body + "</main>\n</body>\n</html>\n";
    }

    private String label(String page) {
        return switch (page) {
            case "README.md" -> "asyncio4j";
            case "apidocs" -> "API";
            case "docs/adr" -> "Decisions";
            case "docs/recipes.md" -> "Recipes";
            case "docs/tutorial-asyncio.md" -> "From asyncio";
            case "docs/tutorial-reactor.md" -> "From Reactor";
            default -> title(Path.of(page)).replaceFirst(":.*|, the command line tool", "");
        };
    }
}
