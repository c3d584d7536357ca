package io.github.asyncio4j.stream;

import java.util.Optional;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Pages obey the rules of Reactive Streams. */
public class PagesTckTest extends PublisherVerification<Long> {

    public PagesTckTest() {
        super(new TestEnvironment(5_000, 50, 50));
    }

    @Override
    public Publisher<Long> createPublisher(long elements) {
        return elements == 0
                ? Flux.empty()
                : Pages.byCursor(1L, Mono::just, page -> page < elements ? Optional.of(page + 1) : Optional.empty());
    }

    /** Fails on demand only. */
    @Override
    public Publisher<Long> createFailedPublisher() {
        return null;
    }

    @Override
    public long maxElementsFromPublisher() {
        return 1_000_000;
    }
}
