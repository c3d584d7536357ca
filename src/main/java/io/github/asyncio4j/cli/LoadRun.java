package io.github.asyncio4j.cli;

import io.github.asyncio4j.http.ClientSession;
import io.github.asyncio4j.task.TaskGroup;
import io.github.asyncio4j.task.Tasks;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Sends requests from a fixed number of workers. In closed loop each sends the next one when it has its answer; in open
 * loop each takes the next place of a fixed timetable and waits until it is due. A server that stalls makes the workers
 * late, and the time they are late is part of the corrected latency: what a user at that moment would have seen.
 */
final class LoadRun {

    private final ClientSession session;
    private final RequestTemplate template;
    private final UrlFeed feed;
    private final LoadSettings settings;
    private final LoadRecorder recorder;
    private final AtomicLong numbers = new AtomicLong();
    private final AtomicBoolean over = new AtomicBoolean();
    private final Sinks.Empty<Long> ended = Sinks.empty();

    LoadRun(
            ClientSession session,
            RequestTemplate template,
            UrlFeed feed,
            LoadSettings settings,
            LoadRecorder recorder) {
        this.session = session;
        this.template = template;
        this.feed = feed;
        this.settings = settings;
        this.recorder = recorder;
    }

    /** Runs {@code phases} while their URLs are read; fails if those cannot be read to the end. */
    static Mono<Void> whileFeeding(UrlFeed feed, Mono<Void> phases) {
        return TaskGroup.using(group -> {
            group.createTask("urls", feed.feeding());
            return phases.doOnSuccess(done -> group.cancel("all requests are made"));
        });
    }

    /** Completes when the last response is here. */
    Mono<Void> requests() {
        Mono<Void> worker = Mono.defer(this::request).repeat(() -> !over.get()).then();
        if (settings.isOpenLoop() || settings.ramp().isZero()) {
            return Tasks.join(Collections.nCopies(settings.connections(), worker));
        }
        List<Mono<Void>> joining = IntStream.range(0, settings.connections())
                .mapToObj(index -> turn(index).then(worker))
                .toList();
        return Tasks.join(joining);
    }

    /** A run that is over is not held up by those that would still join. */
    private Mono<?> turn(int index) {
        return Mono.firstWithSignal(Mono.delay(settings.joining(index)), ended.asMono());
    }

    private void end() {
        over.set(true);
        ended.tryEmitEmpty();
    }

    private Mono<Void> request() {
        long number = numbers.getAndIncrement();
        long now = recorder.nanos();
        long planned = settings.isOpenLoop() ? settings.plannedNanos(number) : now;
        if (!settings.includes(number, Math.max(now, planned))) {
            end();
            return Mono.empty();
        }
        Mono<Void> request = feed.next(number)
                .switchIfEmpty(Mono.fromRunnable(this::end))
                .flatMap(url -> send(url, number, planned));
        return planned > now ? Mono.delay(Duration.ofNanos(planned - now)).then(request) : request;
    }

    private Mono<Void> send(String url, long number, long planned) {
        long started = recorder.nanos();
        long due = settings.isOpenLoop() ? planned : started;
        recorder.started(due, started);
        return Mono.defer(() -> template.request(session, url, number)
                        .use(response -> response.chunks()
                                .reduce(0L, (size, chunk) -> size + chunk.remaining())
                                .doOnNext(size -> recorder.responded(url, response, size, due, started))))
                .onErrorResume(error -> {
                    recorder.failed(url, error);
                    return Mono.empty();
                })
                .then();
    }
}
