package io.github.asyncio4j.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What is fetched: as many URLs as there are requests, in order.
 *
 * @param description for the report
 * @param urls one for each request; may be a view that repeats a few
 */
record Target(String description, List<String> urls) {

    static final String STANDARD_INPUT = "-";

    int requests() {
        return urls.size();
    }

    /** The same URLs again and again, until there are {@code requests}. */
    Target repeated(int requests) {
        List<String> few = urls;
        return new Target(description, new AbstractList<>() {
            @Override
            public String get(int index) {
                return few.get(index % few.size());
            }

            @Override
            public int size() {
                return requests;
            }
        });
    }

    static Target of(String url) {
        return new Target(url, List.of(url));
    }

    /**
     * Reads the URLs that the user named: arguments, of which {@code -} is standard input, and lists in files.
     *
     * @throws IOException with a sentence for the user
     */
    static Target read(List<String> arguments, List<String> files, InputStream standardInput) throws IOException {
        List<String> urls = new ArrayList<>();
        List<String> sources = new ArrayList<>();
        for (String argument : arguments) {
            if (argument.equals(STANDARD_INPUT)) {
                sources.add(argument);
            } else {
                urls.add(argument);
            }
        }
        sources.addAll(files);
        for (String source : sources) {
            urls.addAll(list(source, standardInput));
        }
        if (urls.size() == 1) {
            return of(urls.get(0));
        }
        String from = sources.isEmpty()
                ? ""
                : " from " + sources.stream().map(Target::name).collect(Collectors.joining(", "));
        return new Target(Units.count(urls.size()) + " URLs" + from, urls);
    }

    private static List<String> list(String source, InputStream standardInput) throws IOException {
        boolean fromInput = source.equals(STANDARD_INPUT);
        String name = name(source);
        List<String> urls;
        try (BufferedReader reader = fromInput ? reader(standardInput) : Files.newBufferedReader(Path.of(source))) {
            urls = reader.lines().map(Target::url).filter(url -> !url.isEmpty()).toList();
        } catch (IOException | RuntimeException e) {
            throw new IOException("cannot read URLs from " + name + ": " + reason(e), e);
        }
        if (urls.isEmpty()) {
            throw new IOException("there are no URLs in " + name);
        }
        return urls;
    }

    /** The URL in a line of a list, or an empty text. */
    static String url(String line) {
        String url = line.replace("\uFEFF", "").strip();
        return url.startsWith("#") ? "" : url;
    }

    private static String name(String source) {
        return source.equals(STANDARD_INPUT) ? "standard input" : source;
    }

    private static BufferedReader reader(InputStream input) {
        return new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8));
    }

    private static String reason(Throwable e) {
        Throwable cause = e.getCause() instanceof IOException wrapped ? wrapped : e;
        if (cause instanceof NoSuchFileException) {
            return "no such file";
        }
        if (cause instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (cause instanceof CharacterCodingException) {
            return "it is not UTF-8 text";
        }
        return String.valueOf(cause.getMessage());
    }
}
