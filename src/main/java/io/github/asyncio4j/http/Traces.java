package io.github.asyncio4j.http;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * Those who trace one {@link Call}, and when they are told its end: not before the last of its {@link ExchangeTrace} has
 * left. What is foreign is called outside the lock.
 */
final class Traces {

    static final RequestTrace NOTHING = new RequestTrace() {};

    private final List<RequestTrace> all;
    private final Context context;

    // Guarded by this. The start counts as one of those inside.
    private int inside = 1;
    private @Nullable Consumer<RequestTrace> outcome;
    private boolean answered;
    private boolean over;

    private Traces(List<RequestTrace> all, Context context) {
        this.all = all;
        this.context = context;
    }

    /** Null when nobody wants to know. */
    static @Nullable Traces of(List<Function<? super ContextView, ? extends RequestTrace>> factories, Context context) {
        if (factories.isEmpty()) {
            return null;
        }
        List<RequestTrace> made = new ArrayList<>(factories.size());
        for (Function<? super ContextView, ? extends RequestTrace> factory : factories) {
            try {
                RequestTrace trace = factory.apply(context);
                if (trace == null) {
                    throw new NullPointerException("the function given to trace(…) returned null");
                }
                if (trace != NOTHING) {
                    made.add(trace);
                }
            } catch (Throwable t) {
                Operators.onErrorDropped(t, context);
            }
        }
        return made.isEmpty() ? null : new Traces(made, context);
    }

    void start(Outgoing request) {
        String url = request.url().redacted();
        tell(trace -> trace.onRequestStart(request.method(), url));
        leave();
    }

    void redirected(int status, Url to) {
        String url = to.redacted();
        tell(trace -> trace.onRequestRedirect(status, url));
    }

    /** Null when all is over: there is nothing to tell any more. */
    synchronized @Nullable ExchangeTrace enter() {
        if (over) {
            return null;
        }
        inside++;
        return new ExchangeTrace(this);
    }

    void leave() {
        synchronized (this) {
            inside--;
        }
        endIfAllHaveLeft();
    }

    void answered(int status) {
        synchronized (this) {
            if (outcome == null) {
                outcome = trace -> trace.onRequestEnd(status);
                answered = true;
            }
        }
        endIfAllHaveLeft();
    }

    /** The answer broke off; one that has not become the answer to the request is no matter. */
    synchronized void bodyFailed(Throwable error) {
        if (answered) {
            outcome = trace -> trace.onRequestException(error);
            answered = false;
        }
    }

    /** What follows is no HTTP any more. */
    void upgraded() {
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
        }
        tell(trace -> trace.onRequestEnd(101));
    }

    void failed(Throwable error) {
        end(trace -> trace.onRequestException(error));
    }

    void cancelled() {
        end(RequestTrace::onRequestCancelled);
    }

    private void end(Consumer<RequestTrace> how) {
        synchronized (this) {
            if (outcome == null || answered) {
                outcome = how;
                answered = false;
            }
        }
        endIfAllHaveLeft();
    }

    private void endIfAllHaveLeft() {
        Consumer<RequestTrace> last;
        synchronized (this) {
            last = outcome;
            if (over || inside > 0 || last == null) {
                return;
            }
            over = true;
        }
        tell(last);
    }

    synchronized boolean isOver() {
        return over;
    }

    void tell(Consumer<RequestTrace> signal) {
        for (RequestTrace trace : all) {
            try {
                signal.accept(trace);
            } catch (Throwable t) {
                Operators.onErrorDropped(t, context);
            }
        }
    }
}
