package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.WaiterQueue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Who may use a connection, and which. A request takes a {@link Lease}: the right to one connection, and one at rest
 * along with it if there is any, the newest first.
 *
 * <p>Each host has its own line, so a host at its limit holds up nobody else; when a slot becomes free, the hosts that
 * wait take turns. All state is guarded by one lock that is held for a few instructions; connections are only touched
 * outside it.
 */
final class Pool {

    private final Object lock = new Object();
    private final ConnectionLimits limits;
    private final Map<Route, Host> hosts = new HashMap<>();
    private final ArrayDeque<Host> turns = new ArrayDeque<>();
    private final Set<Member> members = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Sinks.Empty<Void> allClosed = Sinks.empty();
    private int inUse;
    private int idle;
    private long created;
    private long reused;
    private boolean closed;

    /** A connection, or one in the making: whatever must have ended before the session has. */
    interface Member {
        /** Ends it with that error, from any thread. */
        void shutdown(ClientException reason);
    }

    Pool(ConnectionLimits limits) {
        this.limits = limits;
    }

    ConnectionLimits limits() {
        return limits;
    }

    /** A lease for {@code exchange}, still to be entered into the line. */
    Lease lease(Route route, Exchange exchange) {
        synchronized (lock) {
            Host host = hosts.computeIfAbsent(route, key -> new Host(key, lock));
            host.leases++;
            return new Lease(this, host, exchange);
        }
    }

    /** A lease ends; {@code connection}, if given, goes to rest or straight to the next in line. */
    void release(Lease lease, @Nullable Connection connection) {
        release(lease.host, connection, 1);
    }

    /** A grant met a cancel: the slot goes on, the lease itself was forgotten by the one who cancelled it. */
    void handBack(Lease lease) {
        release(lease.host, lease.connection, 0);
    }

    private void release(Host host, @Nullable Connection connection, int leases) {
        Lease next;
        boolean rests = connection != null;
        synchronized (lock) {
            inUse--;
            host.inUse--;
            host.leases -= leases;
            rests &= !closed;
            if (connection != null && rests) {
                host.idle.addLast(connection);
                idle++;
            }
            next = nextInTurn();
            forgetIfUnused(host);
        }
        if (next != null) {
            next.host.wake(next);
        }
        if (connection != null && !rests) {
            connection.shutdown(closedError());
        }
    }

    /** A lease that never was granted ends. */
    void forget(Lease lease) {
        synchronized (lock) {
            lease.host.leases--;
            forgetIfUnused(lease.host);
        }
    }

    /** A connection at rest has closed or is to be closed; false when somebody has just taken it. */
    boolean removeIdle(Host host, Connection connection) {
        synchronized (lock) {
            boolean removed = host.idle.remove(connection);
            if (removed) {
                idle--;
                forgetIfUnused(host);
            }
            return removed;
        }
    }

    /** False when the session is closed: then nothing may be opened any more. */
    boolean join(Member member) {
        synchronized (lock) {
            if (!closed) {
                members.add(member);
            }
            return !closed;
        }
    }

    /** A connection that was in the making is made; false when the session was closed meanwhile, and it must not stay. */
    boolean replace(Member connector, Member connection) {
        synchronized (lock) {
            members.remove(connector);
            members.add(connection);
            created++;
            return !closed;
        }
    }

    void leave(Member member) {
        boolean last;
        synchronized (lock) {
            last = members.remove(member) && closed && members.isEmpty();
        }
        if (last) {
            allClosed.tryEmitEmpty();
        }
    }

    boolean isClosed() {
        synchronized (lock) {
            return closed;
        }
    }

    /** Fails those in line, closes all connections; completes when they are closed. */
    Mono<Void> close() {
        List<Lease> waiting = new ArrayList<>();
        List<Member> open;
        synchronized (lock) {
            closed = true;
            hosts.values().forEach(host -> waiting.addAll(host.everybody()));
            turns.clear();
            open = List.copyOf(members);
        }
        for (Lease lease : waiting) {
            if (lease.fail()) {
                forget(lease);
                lease.exchange.failed(closedError());
            }
        }
        open.forEach(member -> member.shutdown(closedError()));
        if (open.isEmpty()) {
            allClosed.tryEmitEmpty();
        }
        return allClosed.asMono();
    }

    static SessionClosedException closedError() {
        return new SessionClosedException("the session is closed");
    }

    /** How many hosts are remembered. */
    int hosts() {
        synchronized (lock) {
            return hosts.size();
        }
    }

    SessionStatistics statistics() {
        synchronized (lock) {
            int waiting = 0;
            for (Host host : hosts.values()) {
                waiting += host.size();
            }
            return new SessionStatistics(inUse, idle, waiting, created, reused);
        }
    }

    // One slot has become free, so one waiter at most can go on: the first of the next host that may have one more.
    private @Nullable Lease nextInTurn() {
        for (int i = turns.size(); i > 0; i--) {
            Host host = turns.removeFirst();
            host.inTurn = false;
            host.budget = 1;
            Lease granted = host.next();
            host.budget = Integer.MAX_VALUE;
            if (!host.nobodyWaits()) {
                host.queueForTurn();
            } else {
                forgetIfUnused(host);
            }
            if (granted != null) {
                return granted;
            }
        }
        return null;
    }

    private void forgetIfUnused(Host host) {
        if (host.leases == 0 && host.idle.isEmpty() && !host.inTurn) {
            hosts.remove(host.route, host);
        }
    }

    private @Nullable Connection oldestIdle() {
        Connection oldest = null;
        Host of = null;
        for (Host host : hosts.values()) {
            Connection first = host.idle.peekFirst();
            if (first != null && (oldest == null || first.idleSince() - oldest.idleSince() < 0)) {
                oldest = first;
                of = host;
            }
        }
        if (of != null) {
            of.idle.removeFirst();
            idle--;
        }
        return oldest;
    }

    /** One scheme, host and port, by one way. All fields are guarded by the pool's lock. */
    final class Host extends WaiterQueue<Lease> {
        final Route route;
        private final ArrayDeque<Connection> idle = new ArrayDeque<>(4);
        private int inUse;
        private int leases;
        private int budget = Integer.MAX_VALUE;
        private boolean inTurn;

        Host(Route route, Object lock) {
            super(lock, Integer.MAX_VALUE, null);
            this.route = route;
        }

        boolean nobodyWaits() {
            return first() == null;
        }

        @Override
        protected boolean tryTake(Lease lease) {
            boolean free = closed
                    || budget > 0
                            && (limits.total() == 0 || Pool.this.inUse < limits.total())
                            && (limits.perHost() == 0 || inUse < limits.perHost());
            if (!free) {
                queueForTurn();
                return false;
            }
            budget -= budget == Integer.MAX_VALUE ? 0 : 1;
            inUse++;
            Pool.this.inUse++;
            lease.connection = idle.pollLast();
            if (lease.connection != null) {
                Pool.this.idle--;
                reused++;
            } else if (limits.total() > 0 && Pool.this.inUse + Pool.this.idle > limits.total()) {
                lease.evicted = oldestIdle();
            }
            return true;
        }

        private @Nullable Lease next() {
            return takeable();
        }

        private List<Lease> everybody() {
            return removeAll();
        }

        private void queueForTurn() {
            if (!inTurn) {
                inTurn = true;
                turns.addLast(this);
            }
        }

        @Override
        public String toString() {
            return "a connection to " + route;
        }
    }
}
