package io.github.asyncio4j.task;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/** What a pipeline discards (strings only, so that timers stay out) and drops. */
final class Watch {

    final List<String> discarded = Collections.synchronizedList(new ArrayList<>());
    final List<Object> nextDropped = Collections.synchronizedList(new ArrayList<>());
    final List<Throwable> dropped = Collections.synchronizedList(new ArrayList<>());

    <T> Mono<T> over(Mono<T> mono) {
        return mono.doOnDiscard(String.class, discarded::add).contextWrite(this::store);
    }

    <T> Flux<T> over(Flux<T> flux) {
        return flux.doOnDiscard(String.class, discarded::add).contextWrite(this::store);
    }

    Context store(Context context) {
        Consumer<Throwable> drop = dropped::add;
        Consumer<Object> dropNext = nextDropped::add;
        return context.put("reactor.onErrorDropped.local", drop).put("reactor.onNextDropped.local", dropNext);
    }
}
