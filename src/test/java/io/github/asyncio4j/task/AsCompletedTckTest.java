package io.github.asyncio4j.task;

import java.util.Iterator;
import java.util.stream.LongStream;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import org.testng.annotations.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** {@link Tasks#asCompleted} against the rules of Reactive Streams, with sources that hop and sources that do not. */
@Test
public class AsCompletedTckTest extends PublisherVerification<Completion<Long>> {

    public AsCompletedTckTest() {
        super(new TestEnvironment(5_000, 100, 100));
    }

    @Override
    public Publisher<Completion<Long>> createPublisher(long elements) {
        Iterable<Mono<Long>> sources = () -> iterator(elements);
        return Tasks.asCompleted(sources, 4);
    }

    private static Iterator<Mono<Long>> iterator(long elements) {
        return LongStream.range(0, elements)
                .mapToObj(i -> i % 3 == 0 ? Mono.just(i).subscribeOn(Schedulers.parallel()) : Mono.just(i))
                .iterator();
    }

    @Override
    public Publisher<Completion<Long>> createFailedPublisher() {
        Iterable<Mono<Long>> sources = () -> null;
        return Tasks.asCompleted(sources);
    }
}
