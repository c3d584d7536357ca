package io.github.asyncio4j.recipes;

import io.github.asyncio4j.http.ClientRequest;
import io.github.asyncio4j.http.ClientResponse;
import io.github.asyncio4j.http.ClientSession;
import io.github.asyncio4j.http.Headers;
import io.github.asyncio4j.task.Outcome;
import io.github.asyncio4j.task.Tasks;
import io.github.asyncio4j.thread.Threads;
import io.github.asyncio4j.time.Timeouts;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** One source, fetched once: follow, decode, parse, and turn whatever goes wrong into a sentence. */
final class NewsFetch {

    /** How many articles are kept of one source; the parsers here look at no more. */
    static final int MOST = 100;

    private static final int MAX_BODY = 2 << 20;
    private static final int MAX_REDIRECTS = 5;
    private static final int AT_ONCE = 8;

    private final ClientSession session;
    private final NewsSource source;
    private final Map<NewsSource, Remembered> memory;

    NewsFetch(ClientSession session, NewsSource source, Map<NewsSource, Remembered> memory) {
        this.session = session;
        this.source = source;
        this.memory = memory;
    }

    /** What the source sent last, and what to show it so that it need not send it again. */
    record Remembered(Optional<String> etag, Optional<String> lastModified, List<Article> articles) {}

    private record Page(int status, String url, Headers headers, String text) {}

    Mono<FetchResult> result() {
        return Timeouts.timeout(articles(), source.timeout(), source.name())
                .<Outcome<List<Article>>>map(Outcome::success)
                .onErrorResume(Exception.class, error -> Mono.just(Outcome.failure(error)))
                .timed()
                .map(timed -> new FetchResult(
                        source.name(),
                        timed.get().value().orElse(List.of()),
                        timed.get().error().map(Reasons::of),
                        timed.elapsed()));
    }

    private Mono<List<Article>> articles() {
        return Mono.defer(() -> {
            Remembered known = memory.get(source);
            return page(source.url(), known, 0)
                    .flatMap(page -> page.status() == 304 && known != null
                            ? Mono.just(known.articles())
                            : Threads.toThread(() -> source.parser().links(page.url(), page.text()))
                                    .flatMap(links -> links.isEmpty() ? parsed(page) : linked(links))
                                    .map(NewsFetch::capped)
                                    .doOnNext(articles -> remember(page, articles)));
        });
    }

    // Whether any of the linked pages has changed, the validators of the page that lists them do not tell.
    private void remember(Page page, List<Article> articles) {
        Optional<String> etag = page.headers().first("ETag");
        Optional<String> lastModified = page.headers().first("Last-Modified");
        if (etag.isPresent() || lastModified.isPresent()) {
            memory.put(source, new Remembered(etag, lastModified, articles));
        } else {
            memory.remove(source);
        }
    }

    private Mono<List<Article>> linked(List<String> links) {
        return Tasks.gatherSettled(
                        links.stream()
                                .limit(MOST)
                                .map(link -> page(link, null, 0).flatMap(this::parsed))
                                .toList(),
                        AT_ONCE)
                .flatMap(NewsFetch::whatCameThrough);
    }

    // One item that cannot be had is left out; when none can, that is the news.
    private static Mono<List<Article>> whatCameThrough(List<Outcome<List<Article>>> outcomes) {
        return outcomes.stream().noneMatch(Outcome::isSuccess)
                ? outcomes.get(0).asMono()
                : Mono.just(outcomes.stream()
                        .flatMap(outcome -> outcome.value().stream())
                        .flatMap(List::stream)
                        .toList());
    }

    private Mono<List<Article>> parsed(Page page) {
        return Threads.toThread(() ->
                Objects.requireNonNull(source.parser().parse(source.name(), page.text()), "the parser returned null"));
    }

    private static List<Article> capped(List<Article> articles) {
        return articles.size() <= MOST ? articles : articles.subList(0, MOST);
    }

    private Mono<Page> page(String url, @Nullable Remembered known, int redirects) {
        return request(url, known).use(this::read).flatMap(page -> {
            Optional<String> location = redirect(page);
            if (location.isEmpty()) {
                return Mono.just(page);
            }
            return redirects == MAX_REDIRECTS
                    ? Mono.error(new ProtocolException("more than " + MAX_REDIRECTS + " redirects"))
                    : Mono.fromCallable(() -> sameSite(url, location.get()))
                            .flatMap(next -> page(next, known, redirects + 1));
        });
    }

    private ClientRequest request(String url, @Nullable Remembered known) {
        ClientRequest request = session.get(url).followRedirects(false).maxBodySize(MAX_BODY);
        if (known == null) {
            return request;
        }
        if (known.etag().isPresent()) {
            request = request.header("If-None-Match", known.etag().get());
        }
        return known.lastModified().isPresent()
                ? request.header("If-Modified-Since", known.lastModified().get())
                : request;
    }

    private Mono<Page> read(ClientResponse response) {
        if (response.status() >= 300 && response.status() < 400) {
            return Mono.just(new Page(response.status(), response.url(), response.headers(), ""));
        }
        if (!response.ok()) {
            return Mono.error(new ProtocolException("HTTP " + response.status() + " " + response.reason()));
        }
        return response.bytes().defaultIfEmpty(new byte[0]).handle((bytes, sink) -> {
            try {
                String text = FeedText.decode(bytes, response.headers().first("Content-Type"));
                sink.next(new Page(response.status(), response.url(), response.headers(), text));
            } catch (IOException e) {
                sink.error(e);
            }
        });
    }

    private static Optional<String> redirect(Page page) {
        return page.status() == 304 ? Optional.empty() : page.headers().first("Location");
    }

    // Where a feed may send its readers is for whoever configured the feed to say, not for the feed.
    private static String sameSite(String from, String location) throws IOException {
        URI origin = URI.create(from);
        URI next;
        try {
            next = origin.resolve(location);
        } catch (IllegalArgumentException e) {
            throw new ProtocolException("redirected to an invalid URL");
        }
        if (site(next).equals(site(origin)) && (next.getPort() == origin.getPort() || next.getPort() == -1)) {
            return next.toString();
        }
        throw new ProtocolException("redirected to another site: " + next.getHost());
    }

    private static String site(URI url) {
        String host = url.getHost();
        return host == null ? "" : host.toLowerCase(Locale.ROOT).replaceFirst("^www\\.", "");
    }
}
