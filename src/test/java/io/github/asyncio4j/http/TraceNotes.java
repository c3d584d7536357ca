package io.github.asyncio4j.http;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Writes down each signal of one request. */
final class TraceNotes implements RequestTrace {

    final List<String> signals = new CopyOnWriteArrayList<>();
    private final CountDownLatch over = new CountDownLatch(1);
    volatile @Nullable Throwable failure;

    /** All of them, once the last one is here. */
    List<String> atEnd() {
        try {
            if (!over.await(10, TimeUnit.SECONDS)) {
                throw new AssertionError("no end after " + signals);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return signals;
    }

    /** Waits until a signal was there. */
    void await(String signal) {
        long until = System.nanoTime() + 10_000_000_000L;
        while (!signals.contains(signal)) {
            if (System.nanoTime() - until > 0) {
                throw new AssertionError("no " + signal + " after " + signals);
            }
            Thread.yield();
        }
    }

    private void end(String signal) {
        signals.add(signal);
        over.countDown();
    }

    private static String result(@Nullable Throwable failure) {
        return failure == null ? "" : " " + failure.getClass().getSimpleName();
    }

    @Override
    public void onRequestStart(String method, String url) {
        signals.add("start " + method + " " + url.replaceFirst("https?://[^/]*", ""));
    }

    @Override
    public void onConnectionQueuedStart() {
        signals.add("queued");
    }

    @Override
    public void onConnectionQueuedEnd(@Nullable Throwable failure) {
        signals.add("unqueued" + result(failure));
    }

    @Override
    public void onConnectionReused() {
        signals.add("reused");
    }

    @Override
    public void onConnectionStale() {
        signals.add("stale");
    }

    @Override
    public void onConnectionCreateStart() {
        signals.add("create");
    }

    @Override
    public void onConnectionCreateEnd(@Nullable Throwable failure) {
        signals.add("created" + result(failure));
    }

    @Override
    public void onDnsCacheHit(String host) {
        signals.add("hit " + host);
    }

    @Override
    public void onDnsCacheMiss(String host) {
        signals.add("miss " + host);
    }

    @Override
    public void onDnsResolveStart(String host) {
        signals.add("resolve " + host);
    }

    @Override
    public void onDnsResolveEnd(@Nullable Throwable failure) {
        signals.add("resolved" + result(failure));
    }

    @Override
    public void onTcpConnectStart(String host, int port) {
        signals.add("tcp " + host);
    }

    @Override
    public void onTcpConnectEnd(@Nullable Throwable failure) {
        signals.add("connected" + result(failure));
    }

    @Override
    public void onTlsHandshakeStart() {
        signals.add("tls");
    }

    @Override
    public void onTlsHandshakeEnd(@Nullable Throwable failure) {
        signals.add("secured" + result(failure));
    }

    @Override
    public void onRequestHeadersSent() {
        signals.add("sent");
    }

    @Override
    public void onRequestChunkSent(long bytes) {
        signals.add("chunk out " + bytes);
    }

    @Override
    public void onResponseStart(int status, Headers headers) {
        signals.add("answer " + status);
    }

    @Override
    public void onResponseChunkReceived(long bytes) {
        signals.add("chunk in " + bytes);
    }

    @Override
    public void onRequestRedirect(int status, String url) {
        signals.add("redirect " + status + " " + url.replaceFirst("https?://[^/]*", ""));
    }

    @Override
    public void onRequestEnd(int status) {
        end("end " + status);
    }

    @Override
    public void onRequestException(Throwable failure) {
        this.failure = failure;
        end("exception" + result(failure));
    }

    @Override
    public void onRequestCancelled() {
        end("cancelled");
    }
}
