package io.github.asyncio4j.cli;

import org.HdrHistogram.AbstractHistogram;

/** What a {@link Threshold} is held against. */
interface Measured {

    double requestsPerSecond();

    long requests();

    long failed();

    /** Microseconds; only of requests that were answered. */
    AbstractHistogram latencies();
}
