package io.github.asyncio4j.cli;

import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The manual page, written from the same descriptions as {@code --help}, in the macros of man(7). */
final class ManPage {

    private final StringBuilder page = new StringBuilder();

    private ManPage() {}

    static String of(CommandLine tool) {
        return new ManPage().written(tool);
    }

    private String written(CommandLine tool) {
        CommandSpec spec = tool.getCommandSpec();
        page.append(".TH FETCH-BENCHMARK 1\n");
        section("NAME");
        text("fetch-benchmark - puts load on HTTP servers and compares ways of fetching");
        section("SYNOPSIS");
        synopsis(tool);
        section("DESCRIPTION");
        paragraphs(spec.usageMessage().description());
        section("COMMANDS");
        for (CommandLine command : tool.getSubcommands().values()) {
            described(command);
        }
        section("NOTES");
        lines(List.of(spec.usageMessage().footer()));
        return page.toString();
    }

    private void described(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        page.append(".SS ").append(escaped(spec.name())).append('\n');
        synopsis(command);
        paragraphs(spec.usageMessage().description());
        for (PositionalParamSpec parameter : spec.positionalParameters()) {
            argument(parameter.paramLabel(), parameter);
        }
        for (OptionSpec option : spec.options()) {
            String value = option.arity().max() == 0 ? "" : " " + option.paramLabel();
            argument(String.join(", ", option.names()) + value, option);
        }
        lines(List.of(spec.usageMessage().footer()));
    }

    private void synopsis(CommandLine command) {
        String usage = new Help(command.getCommandSpec(), Help.defaultColorScheme(Ansi.OFF)).synopsis(0);
        text(usage.replaceAll("\\s+", " ").strip());
    }

    private void argument(String heading, ArgSpec argument) {
        page.append(".TP\n.B ").append(escaped(heading)).append('\n');
        for (String line : argument.description()) {
            text(filledIn(line, argument));
        }
    }

    private static String filledIn(String description, ArgSpec argument) {
        return description
                .replace("${DEFAULT-VALUE}", String.valueOf(argument.defaultValue()))
                .replace("%%", "%");
    }

    private void section(String name) {
        page.append(".SH ").append(name.toUpperCase(Locale.ROOT)).append('\n');
    }

    private void paragraphs(String[] texts) {
        for (String each : texts) {
            page.append(".PP\n");
            text(each);
        }
    }

    /** As they stand. */
    private void lines(List<String> lines) {
        page.append(".PP\n.nf\n");
        lines.forEach(this::text);
        page.append(".fi\n");
    }

    private void text(String text) {
        page.append(escaped(text)).append('\n');
    }

    /** A dash is to be copied as one, and a line must not begin with a macro. */
    private static String escaped(String text) {
        String safe = text.replace("\\", "\\e").replace("-", "\\-");
        return safe.startsWith(".") || safe.startsWith("'") ? "\\&" + safe : safe;
    }
}
