package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Waiter;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/** The right to use one connection of a {@link Pool}: first a place in line, then a slot until it is released. */
final class Lease extends Waiter implements Disposable {

    final Pool pool;
    final Pool.Host host;
    final Exchange exchange;

    /** One at rest that came with the slot. */
    @Nullable
    Connection connection;

    /** One at rest to another host that must go to make room. */
    @Nullable
    Connection evicted;

    Lease(Pool pool, Pool.Host host, Exchange exchange) {
        super(host);
        this.pool = pool;
        this.host = host;
        this.exchange = exchange;
    }

    @Override
    protected void granted() {
        closeEvicted();
        exchange.leased(this);
    }

    @Override
    protected void handBack() {
        closeEvicted();
        pool.handBack(this);
    }

    @Override
    protected void timedOut() {
        pool.forget(this);
        exchange.queueTimedOut();
    }

    /** Leaves the line. */
    @Override
    public void dispose() {
        if (cancelWait()) {
            pool.forget(this);
            exchange.ended();
        }
    }

    private void closeEvicted() {
        Connection victim = evicted;
        if (victim != null) {
            evicted = null;
            victim.closeIdle();
        }
    }
}
