package io.github.asyncio4j.http;

import io.github.asyncio4j.http.ClientTimeoutException.Phase;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/**
 * The HTTP/2 connections of a session, one for each route. Who comes while it is being made waits for it; if it comes to
 * nothing, the next one in line makes the next attempt. A server that prefers HTTP/1.1 is remembered.
 */
final class H2Connections {

    private static final int MAX_PLAIN = 1000;

    private final ClientSession session;
    // Guarded by this, as all in the lines is.
    private final Map<Route, Line> lines = new HashMap<>();
    private final Set<Route> plain = Collections.newSetFromMap(new LinkedHashMap<>(16, 0.75f, true) {
        @java.io.Serial
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Route, Boolean> eldest) {
            return size() > MAX_PLAIN;
        }
    });

    H2Connections(ClientSession session) {
        this.session = session;
    }

    private static final class Line {
        private @Nullable H2Connection open;
        private boolean connecting;
        private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

        boolean isUnused() {
            return open == null && !connecting && waiting.isEmpty();
        }
    }

    /** Gives {@code exchange} a stream, or lets it make the connection, or has it wait for the one who does. */
    void enter(Exchange exchange, Lease lease) {
        Route route = lease.host.route;
        Waiting waiting = new Waiting(exchange, lease);
        if (!exchange.waitsFor(waiting)) {
            waiting.end();
            exchange.ended();
            return;
        }
        H2Connection found;
        boolean makes;
        synchronized (this) {
            Line line = lines.computeIfAbsent(route, key -> new Line());
            found = line.open;
            makes = found == null && (!line.connecting || plain.contains(route));
            if (makes) {
                line.connecting = true;
            } else if (found == null) {
                line.waiting.addLast(waiting);
            }
        }
        if (found != null) {
            if (exchange.trace != null) {
                exchange.trace.reused();
            }
            exchange.shares(found, lease);
        } else if (makes) {
            exchange.connect(lease);
        } else if (exchange.isCancelled()) {
            waiting.dispose();
        } else {
            waiting.limit();
        }
    }

    /** @param made null when the server prefers HTTP/1.1 */
    void connected(Route route, @Nullable H2Connection made) {
        ArrayDeque<Waiting> all;
        synchronized (this) {
            Line line = lines.computeIfAbsent(route, key -> new Line());
            line.connecting = false;
            if (made == null) {
                plain.add(route);
            } else {
                plain.remove(route);
                line.open = made;
            }
            all = new ArrayDeque<>(line.waiting);
            line.waiting.clear();
            forgetIfUnused(route, line);
        }
        all.forEach(waiting -> waiting.goOn(made));
    }

    /** The attempt of the one who makes the connection came to nothing, or was cancelled. */
    void failed(Route route) {
        Waiting next;
        synchronized (this) {
            Line line = lines.get(route);
            if (line == null) {
                return;
            }
            next = line.waiting.pollFirst();
            line.connecting = next != null;
            forgetIfUnused(route, line);
        }
        if (next != null) {
            next.goOn(null);
        }
    }

    /** No more streams on this one. */
    void leave(H2Connection connection) {
        synchronized (this) {
            Line line = lines.get(connection.route());
            if (line != null && line.open == connection) {
                line.open = null;
                forgetIfUnused(connection.route(), line);
            }
        }
    }

    private void forgetIfUnused(Route route, Line line) {
        if (line.isUnused()) {
            lines.remove(route);
        }
    }

    /** How many routes are remembered. */
    synchronized int size() {
        return lines.size();
    }

    /** An exchange that has its slot and waits for a connection that another one makes. */
    private final class Waiting implements Disposable {
        private final Exchange exchange;
        private final Lease lease;
        private volatile @Nullable ScheduledFuture<?> timer;
        private volatile boolean gone;

        Waiting(Exchange exchange, Lease lease) {
            this.exchange = exchange;
            this.lease = lease;
        }

        void limit() {
            long left = Instants.earlier(exchange.deadline(), exchange.connectDeadline()) - System.nanoTime();
            if (left < Instants.FOREVER / 2) {
                timer = session.transport().next().schedule(this::timedOut, left, TimeUnit.NANOSECONDS);
                if (gone) {
                    stopTimer();
                }
            }
        }

        private boolean leaveLine() {
            synchronized (H2Connections.this) {
                Line line = lines.get(lease.host.route);
                return line != null && line.waiting.remove(this);
            }
        }

        private void timedOut() {
            if (leaveLine()) {
                boolean total = System.nanoTime() - exchange.deadline() >= 0;
                end();
                exchange.failed(exchange.timeout(total ? Phase.TOTAL : Phase.CONNECT));
            }
        }

        @Override
        public void dispose() {
            if (leaveLine()) {
                end();
                exchange.ended();
            }
        }

        private void end() {
            stopTimer();
            lease.pool.release(lease, null);
        }

        /** @param shared null when it has to connect by itself */
        void goOn(@Nullable H2Connection shared) {
            stopTimer();
            if (shared != null) {
                exchange.shares(shared, lease);
            } else {
                exchange.connect(lease);
            }
        }

        private void stopTimer() {
            gone = true;
            ScheduledFuture<?> armed = timer;
            if (armed != null) {
                armed.cancel(false);
            }
        }

        @Override
        public String toString() {
            return exchange + " waiting for a connection";
        }
    }
}
