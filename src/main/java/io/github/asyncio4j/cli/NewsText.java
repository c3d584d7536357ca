package io.github.asyncio4j.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import com.github.freva.asciitable.OverflowBehaviour;
import io.github.asyncio4j.recipes.Article;
import io.github.asyncio4j.recipes.FetchResult;
import io.github.asyncio4j.recipes.NewsReport;

/** News as people read them: how each source did, then the headlines. */
final class NewsText {

    private static final int WIDEST = 60;

    private NewsText() {}

    static String of(NewsReport report) {
        StringBuilder text = new StringBuilder(table(report)).append('\n');
        int number = 0;
        for (Article article : report.articles()) {
            text.append(String.format(
                    "%3d. %s (%s)\n     %s\n",
                    ++number, printable(article.title()), printable(article.source()), printable(article.url())));
        }
        return text.append(String.format(
                        "\n%d %s in %s\n",
                        report.results().size(),
                        report.results().size() == 1 ? "source" : "sources",
                        Units.duration(report.elapsed())))
                .toString();
    }

    private static String table(NewsReport report) {
        Column[] columns = {
            column("source", HorizontalAlign.LEFT),
            column("articles", HorizontalAlign.RIGHT),
            column("time", HorizontalAlign.RIGHT),
            column("error", HorizontalAlign.LEFT)
        };
        Object[][] rows = report.results().stream().map(NewsText::row).toArray(Object[][]::new);
        return AsciiTable.builder()
                        .border(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS)
                        .lineSeparator("\n")
                        .data(columns, rows)
                        .asString()
                        .stripTrailing()
                + "\n";
    }

    private static Object[] row(FetchResult result) {
        return new Object[] {
            printable(result.source()),
            Units.count(result.articles().size()),
            Units.duration(result.elapsed()),
            printable(result.error().orElse(""))
        };
    }

    private static Column column(String header, HorizontalAlign align) {
        return new Column()
                .header(header)
                .headerAlign(align)
                .dataAlign(align)
                .maxWidth(WIDEST, OverflowBehaviour.ELLIPSIS_RIGHT);
    }

    /** What a feed says must not move the cursor or set colours. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}|\\p{Cf}", " ");
    }
}
