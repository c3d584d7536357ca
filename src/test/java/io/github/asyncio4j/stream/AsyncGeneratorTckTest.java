package io.github.asyncio4j.stream;

import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import reactor.core.publisher.Flux;

/** The generator obeys the rules of Reactive Streams. */
public class AsyncGeneratorTckTest extends PublisherVerification<Integer> {

    public AsyncGeneratorTckTest() {
        super(new TestEnvironment(5_000, 50, 50));
    }

    @Override
    public Publisher<Integer> createPublisher(long elements) {
        return AsyncGenerator.generate(
                out -> Flux.range(0, (int) elements).concatMap(out::emit, 0).then());
    }

    /** Fails on demand only. */
    @Override
    public Publisher<Integer> createFailedPublisher() {
        return null;
    }

    @Override
    public long maxElementsFromPublisher() {
        return 1_000_000;
    }
}
