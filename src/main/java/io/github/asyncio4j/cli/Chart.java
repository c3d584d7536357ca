package io.github.asyncio4j.cli;

import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;
import java.util.stream.Collectors;
import org.jsoup.nodes.Element;

/** A drawing of bars and lines with axes, as SVG inside a page; colours are the page's. */
final class Chart {

    /** A point in the units of the axes. */
    record Point(double x, double y) {}

    private static final double WIDTH = 760;
    private static final double HEIGHT = 240;
    private static final double LEFT = 70;
    private static final double RIGHT = 12;
    private static final double TOP = 12;
    private static final double BOTTOM = 28;
    private static final int GRID_LINES = 4;

    private final Element svg;
    private final double left;
    private final double right;
    private final double top;

    /**
     * @param label what it shows, for those who cannot see it
     * @param left the least on the x axis
     * @param right the most on the x axis
     * @param most on the y axis, which begins at zero
     */
    Chart(Element parent, String label, double left, double right, double most) {
        this.left = left;
        this.right = right > left ? right : left + 1;
        double step = roundStep(most);
        this.top = Math.max(step, step * Math.ceil(most / step));
        this.svg = parent.appendElement("svg")
                .attr("viewBox", "0 0 " + number(WIDTH) + " " + number(HEIGHT))
                .attr("role", "img")
                .attr("aria-label", label);
    }

    /** The least of 1, 2 or 5 times a power of ten of which a handful covers {@code most}. */
    static double roundStep(double most) {
        double rough = Math.max(most, 1e-9) / GRID_LINES;
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double digit = rough / power;
        return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
    }

    Chart grid(DoubleFunction<String> label) {
        double step = roundStep(top);
        for (double y = 0; y <= top * 1.0001; y += step) {
            line("grid", LEFT, y(y), WIDTH - RIGHT, y(y));
            text("end", LEFT - 8, y(y) + 4, label.apply(y));
        }
        return this;
    }

    Chart mark(double x, String label) {
        line("tick", x(x), HEIGHT - BOTTOM, x(x), HEIGHT - BOTTOM + 4);
        double share = (x - left) / (right - left);
        text(share < 0.02 ? "start" : share > 0.95 ? "end" : "middle", x(x), HEIGHT - BOTTOM + 18, label);
        return this;
    }

    /** A vertical line through the whole chart, with its name beside it. */
    Chart rule(double x, String label) {
        line("rule", x(x), TOP, x(x), HEIGHT - BOTTOM);
        text("start", x(x) + 4, TOP + 10, label);
        return this;
    }

    /** A bar from {@code from} up to {@code to}; {@code title} is shown when pointed at. */
    Chart bar(String kind, Point from, Point to, String title) {
        if (to.y() > from.y()) {
            double width = Math.max(0.5, x(to.x()) - x(from.x()) - 1);
            svg.appendElement("rect")
                    .attr("class", kind)
                    .attr("x", number(x(from.x())))
                    .attr("y", number(y(to.y())))
                    .attr("width", number(width))
                    .attr("height", number(y(from.y()) - y(to.y())))
                    .appendElement("title")
                    .text(title);
        }
        return this;
    }

    Chart curve(String kind, List<Point> points) {
        svg.appendElement("polyline")
                .attr("class", kind)
                .attr(
                        "points",
                        points.stream()
                                .map(point -> number(x(point.x())) + "," + number(y(point.y())))
                                .collect(Collectors.joining(" ")));
        return this;
    }

    private double x(double value) {
        return LEFT + (value - left) / (right - left) * (WIDTH - LEFT - RIGHT);
    }

    private double y(double value) {
        return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM);
    }

    private void line(String kind, double x1, double y1, double x2, double y2) {
        svg.appendElement("line")
                .attr("class", kind)
                .attr("x1", number(x1))
                .attr("y1", number(y1))
                .attr("x2", number(x2))
                .attr("y2", number(y2));
    }

    private void text(String anchor, double x, double y, String text) {
        svg.appendElement("text")
                .attr("text-anchor", anchor)
                .attr("x", number(x))
                .attr("y", number(y))
                .text(text);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value).replaceAll("\\.0$", "");
    }
}
