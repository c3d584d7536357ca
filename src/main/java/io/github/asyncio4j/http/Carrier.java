package io.github.asyncio4j.http;

/** What an {@link Exchange} goes over: a connection of its own, or a stream of one that it shares. */
interface Carrier {

    /** Sends the request of {@code exchange}. */
    void start(Exchange exchange, Lease lease);

    /** The request that this was made for has been cancelled. */
    void unused(Lease lease);

    /** Nobody wants the rest of {@code exchange}: closes, unless it is over already. */
    void abort(Exchange exchange);

    /** Of the body that is being read; -1 when unknown. To be asked on the event loop or with the head's arrival. */
    long declaredLength();

    /** Hands the body of {@code exchange} to {@code sink} from now on. */
    void consume(Exchange exchange, BodySink sink);

    /** Reads the rest for no longer than a moment, then closes. */
    void drain(Exchange exchange, Drain sink);

    /** The sink wants more than before. */
    void wanted(Exchange exchange);
}
