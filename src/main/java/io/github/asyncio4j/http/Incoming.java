package io.github.asyncio4j.http;

/** What a {@link DefaultClientResponse} has behind it: the request that it answers, and where its body comes from. */
interface Incoming {

    Outgoing request();

    RequestOptions options();

    Timings timings();

    default ConnectTimings connectTimings() {
        return ConnectTimings.NONE;
    }

    HeaderBlock trailers();

    /** Of the body, -1 when unknown; to be asked when the head arrives. */
    long declaredLength();

    /** Hands the body to {@code sink} from now on. */
    void consume(BodySink sink);

    /** Reads the rest for no longer than a moment, then gives it up. */
    void drain(Drain sink);

    /** The sink wants more than before. */
    void wanted();

    /** Nobody wants the rest. */
    void abort();

    /** Runs {@code hook} once nothing is held any more. */
    void whenEnded(Runnable hook);

    boolean isEnded();

    /** Why there is no body to read any more. */
    Throwable bodyFailure();

    default String describe() {
        return request().describe();
    }

    /** What the reader found, with the request that it concerns. */
    default ClientException explain(ClientException error) {
        return error instanceof InvalidResponseException
                ? new InvalidResponseException(describe() + ": " + error.getMessage())
                : error;
    }
}
