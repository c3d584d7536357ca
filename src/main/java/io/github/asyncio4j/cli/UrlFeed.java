package io.github.asyncio4j.cli;

import io.github.asyncio4j.file.AsyncFiles;
import io.github.asyncio4j.queue.AsyncQueue;
import io.github.asyncio4j.queue.QueueShutdownException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Where a load run takes its next URL from. */
interface UrlFeed {

    /** The URL for request {@code number}; empty when there are no more. */
    Mono<String> next(long number);

    /** What has to run beside the requests; completes when all URLs were handed out. */
    Mono<Void> feeding();

    /** The same few URLs, again and again. */
    static UrlFeed cycling(List<String> urls) {
        List<Mono<String>> each = urls.stream().map(Mono::just).toList();
        return new UrlFeed() {
            @Override
            public Mono<String> next(long number) {
                return each.get((int) (number % each.size()));
            }

            @Override
            public Mono<Void> feeding() {
                return Mono.empty();
            }
        };
    }

    /** A file, read while requests run: it may have more lines than fit into memory. */
    static UrlFeed file(Path file, boolean again) {
        Flux<String> once = AsyncFiles.lines(file);
        return streamed(again ? once.repeat() : once);
    }

    /** Standard input, likewise; it can be read only once. */
    static UrlFeed input(InputStream input) {
        BufferedReader reader = new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8));
        return streamed(Flux.<String>generate(sink -> readLine(reader, sink)).subscribeOn(Schedulers.boundedElastic()));
    }

    private static void readLine(BufferedReader reader, reactor.core.publisher.SynchronousSink<String> sink) {
        try {
            String line = reader.readLine();
            if (line == null) {
                sink.complete();
            } else {
                sink.next(line);
            }
        } catch (IOException e) {
            sink.error(e);
        }
    }

    private static UrlFeed streamed(Flux<String> lines) {
        AsyncQueue<String> queue = AsyncQueue.bounded(1_000);
        Mono<Void> feeding = lines.map(Target::url)
                .filter(url -> !url.isEmpty())
                .concatMap(queue::put)
                .then()
                .doFinally(signal -> queue.shutdown());
        return new UrlFeed() {
            @Override
            public Mono<String> next(long number) {
                return queue.take().onErrorResume(QueueShutdownException.class, end -> Mono.empty());
            }

            @Override
            public Mono<Void> feeding() {
                return feeding;
            }
        };
    }
}
