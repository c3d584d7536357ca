package io.github.asyncio4j.http;

import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The part of a trace that one {@link Exchange} tells. It sees to it that what has begun ends. */
final class ExchangeTrace {

    private final Traces traces;
    // What has begun, in the order in which it begins. One thread after the other has it, as the exchange itself.
    private boolean queued;
    private boolean connecting;
    private boolean resolving;
    private boolean reaching;
    private boolean securing;

    ExchangeTrace(Traces traces) {
        this.traces = traces;
    }

    void queued() {
        queued = true;
        tell(RequestTrace::onConnectionQueuedStart);
    }

    void unqueued(@Nullable Throwable failure) {
        if (queued) {
            queued = false;
            tell(trace -> trace.onConnectionQueuedEnd(failure));
        }
    }

    void reused() {
        tell(RequestTrace::onConnectionReused);
    }

    void stale() {
        tell(RequestTrace::onConnectionStale);
    }

    void connecting() {
        connecting = true;
        tell(RequestTrace::onConnectionCreateStart);
    }

    void connected(@Nullable Throwable failure) {
        if (connecting) {
            connecting = false;
            tell(trace -> trace.onConnectionCreateEnd(failure));
        }
    }

    /** @param known whether the answer is there, or about to be */
    void resolving(String host, boolean known) {
        if (known) {
            tell(trace -> trace.onDnsCacheHit(host));
        } else {
            resolving = true;
            tell(trace -> trace.onDnsCacheMiss(host));
            tell(trace -> trace.onDnsResolveStart(host));
        }
    }

    void resolved(@Nullable Throwable failure) {
        if (resolving) {
            resolving = false;
            tell(trace -> trace.onDnsResolveEnd(failure));
        }
    }

    void reaching(String host, int port) {
        reaching = true;
        tell(trace -> trace.onTcpConnectStart(host, port));
    }

    void reached(@Nullable Throwable failure) {
        if (reaching) {
            reaching = false;
            tell(trace -> trace.onTcpConnectEnd(failure));
        }
    }

    void securing() {
        securing = true;
        tell(RequestTrace::onTlsHandshakeStart);
    }

    void secured(@Nullable Throwable failure) {
        if (securing) {
            securing = false;
            tell(trace -> trace.onTlsHandshakeEnd(failure));
        }
    }

    void sent() {
        tell(RequestTrace::onRequestHeadersSent);
    }

    void sent(long bytes) {
        if (bytes > 0) {
            tell(trace -> trace.onRequestChunkSent(bytes));
        }
    }

    void answered(ResponseHead head) {
        tell(trace -> trace.onResponseStart(head.status, head.headers));
    }

    void received(long bytes) {
        if (bytes > 0) {
            tell(trace -> trace.onResponseChunkReceived(bytes));
        }
    }

    /** The answer broke off after its head. */
    void bodyFailed(Throwable error) {
        traces.bodyFailed(error);
    }

    /** What has begun ends with {@code failure}. */
    void endOpen(Throwable failure) {
        unqueued(failure);
        secured(failure);
        reached(failure);
        resolved(failure);
        connected(failure);
    }

    /** Nothing is held any more. */
    void leave() {
        if (queued || connecting) {
            endOpen(new CancellationException("the request was cancelled"));
        }
        traces.leave();
    }

    private void tell(Consumer<RequestTrace> signal) {
        if (!traces.isOver()) {
            traces.tell(signal);
        }
    }
}
