package io.github.asyncio4j.site;

import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;
import org.commonmark.renderer.text.TextContentRenderer;

/** Markdown to HTML, with the anchors that GitHub gives to headings. */
final class Html {

    private static final List<Extension> TABLES = List.of(TablesExtension.create());
    private static final Parser PARSER = Parser.builder().extensions(TABLES).build();
    private static final HtmlRenderer RENDERER = HtmlRenderer.builder()
            .extensions(TABLES)
            .attributeProviderFactory(context -> (node, tag, attributes) -> {
                if (node instanceof Heading) {
                    attributes.put("id", anchor(node));
                }
            })
            .build();

    private static final Pattern TOKEN = Pattern.compile("(?<comment>//[^\n]*|/\\*(?s:.*?)\\*/)"
            + "|(?<string>\"(?:[^\"\\\\\n]|\\\\.)*\")"
            + "|(?<keyword>\\b(?:abstract|boolean|break|case|catch|class|default|do|double|else|enum|extends|final|finally|for"
            + "|if|implements|import|instanceof|int|interface|long|new|null|package|private|protected|public|record|return"
            + "|static|super|switch|this|throw|throws|true|false|try|void|volatile|while|async|await|def)\\b)"
            + "|(?<annotation>@\\w+)");

    private Html() {}

    static String of(String markdown, UnaryOperator<String> links) {
        Node page = PARSER.parse(markdown);
        page.accept(new AbstractVisitor() {
            @Override
            public void visit(Link link) {
                link.setDestination(links.apply(link.getDestination()));
                visitChildren(link);
            }

            @Override
            public void visit(Image image) {
                image.setDestination(links.apply(image.getDestination()));
                visitChildren(image);
            }

            @Override
            public void visit(FencedCodeBlock code) {
                if (code.getInfo().matches("java|python")) {
                    HtmlBlock coloured = new HtmlBlock();
                    coloured.setLiteral("<pre><code>" + java(code.getLiteral()) + "</code></pre>");
                    code.insertAfter(coloured);
                    code.unlink();
                }
            }
        });
        return RENDERER.render(page);
    }

    private static String anchor(Node heading) {
        return TextContentRenderer.builder()
                .build()
                .render(heading)
                .strip()
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\w\\- ]", "")
                .replace(' ', '-');
    }

    /** Source code with its comments, strings, keywords and annotations marked. */
    static String java(String source) {
        StringBuilder html = new StringBuilder();
        Matcher token = TOKEN.matcher(source);
        int end = 0;
        while (token.find()) {
            html.append(escaped(source.substring(end, token.start())));
            html.append("<i class=\"").append(kind(token)).append("\">");
            html.append(escaped(token.group())).append("</i>");
            end = token.end();
        }
        return html.append(escaped(source.substring(end))).toString();
    }

    private static String kind(Matcher token) {
        for (String kind : List.of("comment", "string", "keyword")) {
            if (token.group(kind) != null) {
                return kind;
            }
        }
        return "annotation";
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
