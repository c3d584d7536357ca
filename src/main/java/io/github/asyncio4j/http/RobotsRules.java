package io.github.asyncio4j.http;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Predicate;

/**
 * What one robots.txt says to one agent.
 *
 * @param source where that is from, for messages
 * @param allows whether a URL may be asked for
 * @param delay between two requests; none when it is zero
 */
record RobotsRules(String source, Predicate<String> allows, Duration delay) {

    static RobotsRules all(String source) {
        return new RobotsRules(source, url -> true, Duration.ZERO);
    }

    static RobotsRules none(String source) {
        return new RobotsRules(source, url -> false, Duration.ZERO);
    }

    static RobotsRules parse(String source, byte[] content, String contentType, String agent) {
        return CrawlerCommons.parse(source, content, contentType, agent);
    }

    /** Loads the library, which is no work for an event loop. */
    static void prepare() {
        try {
            parse(
                    "http://localhost/robots.txt",
                    "User-agent: *".getBytes(StandardCharsets.US_ASCII),
                    "text/plain",
                    "a");
        } catch (LinkageError e) {
            throw new IllegalStateException(
                    "RobotsTxt needs com.github.crawler-commons:crawler-commons on the class path", e);
        }
    }
}
