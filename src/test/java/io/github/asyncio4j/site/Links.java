package io.github.asyncio4j.site;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Follows every link of a folder of HTML files. */
final class Links {

    private static final Pattern LINK = Pattern.compile("\\b(href|src)=\"([^\"]*)\"");

    private final Path site;
    private final List<String> dead = new ArrayList<>();

    Links(Path site) {
        this.site = site;
    }

    /** Those that lead nowhere, and what a browser would have to fetch from elsewhere. */
    List<String> dead() throws IOException {
        List<Path> pages;
        try (Stream<Path> files = Files.walk(site)) {
            pages = files.filter(file -> file.toString().endsWith(".html"))
                    .filter(file -> !file.startsWith(site.resolve("apidocs")))
                    .toList();
        }
        for (Path page : pages) {
            Matcher link = LINK.matcher(Files.readString(page));
            while (link.find()) {
                check(page, link.group(1).equals("src"), link.group(2));
            }
        }
        return dead;
    }

    private void check(Path page, boolean fetched, String link) throws IOException {
        if (link.matches("[a-z]+:.*|//.*")) {
            if (fetched || !link.startsWith("https://")) {
                dead.add(site.relativize(page) + " -> " + link);
            }
            return;
        }
        String[] parts = link.split("#", 2);
        Path file = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
        boolean apidocs = file.startsWith(site.resolve("apidocs"));
        // The Javadoc is there in a build with it only, and has a checker of its own.
        if (apidocs && !Files.exists(site.resolve("apidocs"))) {
            return;
        }
        if (!Files.isRegularFile(file)
                || parts.length == 2 && !Files.readString(file).contains("id=\"" + parts[1] + "\"")) {
            dead.add(site.relativize(page) + " -> " + link);
        }
    }
}
