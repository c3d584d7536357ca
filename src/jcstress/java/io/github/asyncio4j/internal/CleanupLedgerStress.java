package io.github.asyncio4j.internal;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import reactor.util.context.Context;

/** The end of a scope and its cancel, while its last cleanup ends. */
@JCStressTest
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "finished and told once")
@Outcome(id = "0, 0, 1", expect = Expect.ACCEPTABLE, desc = "abandoned: the failure is the outer scope's")
@Outcome(expect = Expect.FORBIDDEN, desc = "told twice or never, a lost failure, or the outer scope waits for ever")
@State
public class CleanupLedgerStress {

    private final CleanupLedger outer = CleanupLedger.open(Context.empty(), "outer");
    private final CleanupLedger ledger = CleanupLedger.open(outer.storeIn(Context.empty()), "scope");
    private final CleanupLedger.Entry entry = ledger.enter("entry");
    private final AtomicInteger ends = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();

    @Actor
    public void finishAndAbandon() {
        ledger.finish(failed -> {
            ends.incrementAndGet();
            failures.addAndGet(failed.size());
        });
        ledger.abandon(Context.empty());
    }

    @Actor
    public void leave() {
        entry.leave(new IllegalStateException("close failed"), Context.empty());
    }

    @Arbiter
    public void ends(III_Result result) {
        result.r1 = ends.get();
        result.r2 = failures.get();
        outer.finish(failed -> result.r3 = outer.isEmpty() ? failed.size() : -1);
    }
}
