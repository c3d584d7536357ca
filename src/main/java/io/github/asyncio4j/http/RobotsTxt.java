package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.time.Duration;
import java.util.Locale;
import reactor.core.publisher.Mono;

/**
 * Keeps to the robots.txt of each site (RFC 9309): what it disallows fails with {@link RobotsDisallowedException} and is
 * not sent, and its {@code Crawl-delay} is waited for. For crawlers and whoever fetches what he was not invited to.
 *
 * <pre>{@code
 * ClientSession session = ClientSession.builder()
 *         .header("User-Agent", "examplebot/1.0 (+https://example.com/bot)")
 *         .networkMiddleware(RobotsTxt.of("examplebot"))
 *         .build();
 * }</pre>
 *
 * <p>The file is asked for with the first request to an origin, once for all who wait for it, by way of the rest of the
 * chain and over up to five redirects; its first 500 KiB count. It is good for 24 hours. A status of 400 to 499 allows
 * all; 500 and above, or no answer within 30 s, disallows all for five minutes, unless there are rules from before. The
 * robots.txt itself is always allowed, WebSockets are not asked about.
 *
 * <p>As {@link ClientSession.Builder#networkMiddleware} it looks at each redirect as well. Nobody's cancel hurts the
 * others who wait for the file. The thousand origins used last are remembered.
 *
 * <p>Needs crawler-commons on the class path. May be used from any thread. aiohttp has none; Scrapy's
 * {@code ROBOTSTXT_OBEY}.
 */
public final class RobotsTxt implements Middleware {

    private static final Duration LONGEST_DELAY = Duration.ofMinutes(1);

    private final String agent;
    private final PerOrigin<RobotsSite> sites;

    private RobotsTxt(String agent, Duration maxDelay) {
        this.agent = agent;
        this.sites = new PerOrigin<>(() -> new RobotsSite(agent, maxDelay));
        RobotsRules.prepare();
    }

    /** The rules for that agent, with a {@code Crawl-delay} of a minute at most. */
    public static RobotsTxt of(String agent) {
        return of(agent, LONGEST_DELAY);
    }

    /**
     * The rules for that agent.
     *
     * @param agent its product token as robots.txt files name it: letters, {@code -} and {@code _}, without a version
     * @param maxCrawlDelay the longest delay that is kept to; zero for none
     * @throws IllegalArgumentException for another agent
     * @throws IllegalStateException when crawler-commons is not on the class path
     */
    public static RobotsTxt of(String agent, Duration maxCrawlDelay) {
        if (!Checks.notNull(agent, "agent").matches("[A-Za-z_-]+")) {
            throw new IllegalArgumentException("agent must have letters, - and _ only, but is \"" + agent + "\"");
        }
        return new RobotsTxt(agent.toLowerCase(Locale.ROOT), Checks.notNegative(maxCrawlDelay, "maxCrawlDelay"));
    }

    @Override
    public Mono<ClientResponse> handle(ClientRequest request, Next next) {
        DefaultClientRequest ours = DefaultClientRequest.ours(request);
        String url = ours.url();
        if (ours.isUpgrade() || url.equals(ours.origin() + "/robots.txt")) {
            return next.proceed(request);
        }
        return Mono.deferContextual(context -> {
            if (context.hasKey(RobotsTxt.class)) {
                // A robots.txt that is somewhere else.
                return next.proceed(request);
            }
            RobotsSite site = sites.of(ours.origin());
            return site.rules(ours, next)
                    .flatMap(rules -> rules.allows().test(url)
                            ? site.delayed(next.proceed(request))
                            : Mono.error(disallowed(ours, rules)));
        });
    }

    private RobotsDisallowedException disallowed(DefaultClientRequest request, RobotsRules rules) {
        return new RobotsDisallowedException(
                request.describe() + ": not sent, as " + agent + " is not allowed to by " + rules.source(),
                request.url(),
                agent,
                rules.source());
    }

    @Override
    public String toString() {
        return "RobotsTxt(" + agent + ")";
    }
}
