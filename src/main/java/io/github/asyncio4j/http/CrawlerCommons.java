package io.github.asyncio4j.http;

import crawlercommons.robots.BaseRobotRules;
import crawlercommons.robots.SimpleRobotRules;
import crawlercommons.robots.SimpleRobotRulesParser;
import java.time.Duration;
import java.util.Set;

/** The only class that names crawler-commons, an optional dependency; {@link RobotsRules} is its only user. */
final class CrawlerCommons {

    private static final int NO_WARNINGS = 0;

    private CrawlerCommons() {}

    /** A parser of its own each time, as it counts warnings. */
    static RobotsRules parse(String source, byte[] content, String contentType, String agent) {
        // A delay above the parser's limit would disallow all.
        SimpleRobotRules rules = new SimpleRobotRulesParser(Long.MAX_VALUE, NO_WARNINGS)
                .parseContent(source, content, contentType, Set.of(agent));
        long delay = rules.getCrawlDelay();
        return new RobotsRules(
                source,
                rules::isAllowed,
                delay == BaseRobotRules.UNSET_CRAWL_DELAY ? Duration.ZERO : Duration.ofMillis(delay));
    }
}
