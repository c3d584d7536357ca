package io.github.asyncio4j.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a page of the documentation may be wrong in. Each rule gives its complaints, none when all is well, and takes the text apart
 * from the file, so that a test can spoil it.
 */
public final class PageRules {

    private static final Pattern REGION = Pattern.compile("<!-- region: (\\S+?)#(\\S+) -->");
    private static final Pattern LINK = Pattern.compile("\\[[^\\]]*]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ +(.+)$");
    private static final Pattern TEST = Pattern.compile("\\b(\\w+Test)(?:\\.(\\w+))?");
    private static final Pattern MEMBER = Pattern.compile("\\b([A-Z]\\w+)\\.([a-z]\\w+)(?=\\()");
    private static final Pattern JAVADOC_CODE =
            Pattern.compile("(?s)<pre>\\s*\\{@code\\n(.*?)\\n\\s*\\*\\s*}\\s*</pre>");

    /** Names of a file's regions, with their text. */
    public interface RegionsOf extends Function<Path, Map<String, String>> {}

    private PageRules() {}

    public static Optional<Path> regionFile(Markdown.Block block) {
        Matcher tag = REGION.matcher(block.before());
        return tag.matches() ? Optional.of(Path.of(tag.group(1))) : Optional.empty();
    }

    /** Code is a region of a file that is compiled, or run. */
    public static List<String> code(Path page, String text, RegionsOf regions) {
        List<String> complaints = new ArrayList<>();
        for (Markdown.Block block : Markdown.blocks(text)) {
            if (!block.language().equals("java") && !block.language().equals("python")) {
                continue;
            }
            String where = page + ":" + block.line() + ": ";
            Matcher tag = REGION.matcher(block.before());
            if (!tag.matches()) {
                complaints.add(where + "the line before the block is to be <!-- region: FILE#NAME -->");
            } else if (!Regions.unindented(block.text())
                    .equals(regions.apply(Path.of(tag.group(1))).get(tag.group(2)))) {
                complaints.add(where + "is not its region; mvn test -Dtest=DocumentationTest"
                        + " -DupdateDocumentation=true copies regions into pages");
            }
        }
        return complaints;
    }

    /** The dependency that is shown is this project. */
    public static List<String> dependency(Path page, String text, String pom) {
        String project = pom.replaceFirst("(?s)<parent>.*?</parent>", "");
        String expected = Stream.of("groupId", "artifactId", "version")
                .map(element -> "<" + element + ">" + first(project, element) + "</" + element + ">")
                .reduce("<dependency>", String::concat);
        return Markdown.blocks(text).stream()
                .filter(block -> block.language().equals("xml"))
                .filter(block -> !block.text().replaceAll("\\s", "").equals(expected + "</dependency>"))
                .map(block -> page + ":" + block.line() + ": is not " + expected + "</dependency>")
                .toList();
    }

    private static String first(String xml, String element) {
        Matcher value = Pattern.compile("<" + element + ">([^<]*)<").matcher(xml);
        return value.find() ? value.group(1) : "";
    }

    /** Relative links lead to a file, and to a heading in it. */
    public static List<String> links(Path page, String text) {
        List<String> complaints = new ArrayList<>();
        for (String target : linksIn(text)) {
            String[] parts = target.split("#", 2);
            Path file =
                    parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
            boolean heading = parts.length == 2 && file.toString().endsWith(".md");
            if (!Files.exists(file) || heading && !anchors(read(file)).contains(parts[1])) {
                complaints.add(page + " links to " + target);
            }
        }
        return complaints;
    }

    /** The targets of relative links. */
    public static List<String> linksIn(String text) {
        return LINK.matcher(Markdown.withoutBlocks(text))
                .results()
                .map(link -> link.group(1))
                .filter(target -> !target.matches("[a-z]+:.*"))
                .toList();
    }

    /** As GitHub makes them: the second of the same name gets a number. */
    private static Set<String> anchors(String text) {
        Set<String> anchors = new HashSet<>();
        Matcher heading = HEADING.matcher(Markdown.withoutBlocks(text));
        while (heading.find()) {
            String anchor = heading.group(1)
                    .strip()
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\w\\- ]", "")
                    .replace(' ', '-');
            for (int n = 1; !anchors.add(n == 1 ? anchor : anchor + "-" + (n - 1)); n++) {}
        }
        return anchors;
    }

    /** A test that is named, as class and method, exists. */
    public static List<String> tests(Path page, String text, TestSources sources) {
        return Markdown.inlineCode(text).stream()
                .map(TEST::matcher)
                .filter(Matcher::matches)
                .filter(test -> !sources.has(test.group(1), test.group(2)))
                .map(test -> page + " names " + test.group())
                .toList();
    }

    /** A method that is named with its type, as {@code Tasks.gather(…)}, exists, if the type is ours. Left of a table is Python. */
    public static List<String> members(Path page, String text, PublicNames api) {
        return Markdown.inlineCode(text.replaceAll("(?m)^\\|[^|]*\\|", "")).stream()
                .flatMap(code -> MEMBER.matcher(code).results())
                .filter(member -> !api.allow(member.group(1), member.group(2)))
                .map(MatchResult::group)
                .map(member -> page + " names " + member)
                .toList();
    }

    /** The blocks of code in the Javadoc of a source. */
    public static List<String> javadocCode(String source) {
        List<String> blocks = new ArrayList<>();
        int from = 0;
        for (int at; (at = source.indexOf("<pre>", from)) >= 0; from = at + 1) {
            Matcher code = JAVADOC_CODE.matcher(source).region(at, source.length());
            if (code.lookingAt()) {
                blocks.add(code.group(1).replaceAll("(?m)^\\s*\\* ?", ""));
            } else if (source.substring(at).matches("(?s)<pre>[\\s*]*\\{@code.*")) {
                blocks.add("a block that does not begin and end as the others do");
            }
        }
        return blocks;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The methods of the test sources. */
    public static final class TestSources {

        private final Map<String, String> sources = new TreeMap<>();

        public static TestSources read() throws IOException {
            TestSources all = new TestSources();
            try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
                for (Path file : (Iterable<Path>) files.filter(f -> f.toString().endsWith("Test.java"))::iterator) {
                    String type = file.getFileName().toString().replace(".java", "");
                    all.sources.merge(type, Files.readString(file), String::concat);
                }
            }
            return all;
        }

        boolean has(String type, @Nullable String method) {
            return method == null
                    ? sources.containsKey(type)
                    : sources.getOrDefault(type, "").contains("void " + method + "(");
        }
    }

    /** What {@code public-api.txt} has. */
    public static final class PublicNames {

        private static final Pattern TYPE = Pattern.compile("(?:class|interface|enum|record) ([\\w.]+)(.*)");
        private static final Pattern METHOD = Pattern.compile("(\\w+)\\(");

        private final Map<String, Set<String>> members = new TreeMap<>();

        public static PublicNames read() throws IOException {
            PublicNames names = new PublicNames();
            Set<String> current = new HashSet<>();
            for (String line : Files.readAllLines(Path.of("public-api.txt"))) {
                Matcher found = (line.startsWith("  ") ? METHOD : TYPE).matcher(line);
                if (!found.find()) {
                    continue;
                }
                if (line.startsWith("  ")) {
                    current.add(found.group(1));
                } else {
                    String[] nested = found.group(1).split("\\.");
                    current = names.members.computeIfAbsent(nested[nested.length - 1], type -> new HashSet<>());
                }
            }
            return names;
        }

        /** Types of others pass; Reactor has a {@code Retry} as well. */
        boolean allow(String type, String method) {
            return type.equals("Retry")
                    || !members.containsKey(type)
                    || members.get(type).contains(method);
        }
    }
}
