package io.github.asyncio4j.task;

import java.lang.ref.Cleaner;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Schedulers;

/** What debug mode installs in Reactor: it sees each operator when it is assembled and when it is subscribed. */
final class DebugHooks {

    private static final String KEY = "asyncio4j.debug";

    private static volatile @Nullable DebugHooks installed;

    private final SlowCallbacks slow;
    private final Consumer<? super String> report;
    private final Set<String> usedSites = ConcurrentHashMap.newKeySet();
    private final Cleaner cleaner = Cleaner.create();

    private DebugHooks(long slowNanos, Consumer<? super String> report) {
        this.report = report;
        this.slow = new SlowCallbacks(slowNanos, report);
    }

    static void install(long slowNanos, Consumer<? super String> report) {
        DebugHooks hooks = new DebugHooks(slowNanos, report);
        installed = hooks;
        hooks.slow.start();
        Schedulers.onScheduleHook(KEY, hooks.slow::timed);
        Hooks.onEachOperator(KEY, hooks::assembled);
    }

    static void uninstall() {
        Hooks.resetOnEachOperator(KEY);
        Schedulers.resetOnScheduleHook(KEY);
        DebugHooks hooks = installed;
        installed = null;
        if (hooks != null) {
            hooks.slow.stop();
        }
    }

    private Publisher<Object> assembled(Publisher<Object> publisher) {
        String site = CallSite.ofOurCaller();
        Assembly assembly = site == null ? null : new Assembly(this, describe(publisher), site);
        Publisher<Object> watched = Operators.<Object, Object>liftPublisher((source, actual) -> {
                    if (assembly != null) {
                        assembly.used();
                    }
                    return new TimedSubscriber<>(actual, slow);
                })
                .apply(publisher);
        if (assembly != null) {
            cleaner.register(watched, assembly);
        }
        return watched;
    }

    private static String describe(Publisher<Object> publisher) {
        String name = publisher.getClass().getSimpleName();
        return name.startsWith("Flux") ? "a Flux (" + name + ")" : "a Mono (" + name + ")";
    }

    /** One publisher of ours, until it is subscribed or collected. It must not refer to the publisher. */
    private static final class Assembly implements Runnable {
        private final DebugHooks hooks;
        private final String what;
        private final String site;
        private volatile boolean settled;

        Assembly(DebugHooks hooks, String what, String site) {
            this.hooks = hooks;
            this.what = what;
            this.site = site;
        }

        void used() {
            if (!settled) {
                settled = true;
                hooks.usedSites.add(site);
            }
        }

        // A place that has been used once is fine: one call may assemble alternatives and use one of them.
        @Override
        public void run() {
            if (!settled && installed == hooks && hooks.usedSites.add(site)) {
                hooks.report.accept(what + " was never subscribed, so it never ran; it was made\n" + site);
            }
        }
    }
}
