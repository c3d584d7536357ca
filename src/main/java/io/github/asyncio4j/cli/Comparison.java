package io.github.asyncio4j.cli;

import io.github.asyncio4j.http.ClientSession;
import io.github.asyncio4j.http.ClientTimeout;
import io.github.asyncio4j.http.ConnectionLimits;
import io.github.asyncio4j.http.CookieJar;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs the scenarios one after the other. The first round of all is one of {@code gather}: it alone meets a JVM that has
 * loaded and compiled nothing yet, and is kept apart from the warm rounds.
 */
final class Comparison {

    private static final int ROUNDS = 3;
    private static final Duration SHORT_WHILE = Duration.ofSeconds(2);

    private final Target target;
    private final CompareSettings settings;
    private final Progress progress;
    private final List<ScenarioResult> finished = new ArrayList<>();

    private final Foreground foreground = new Foreground();

    Comparison(Target target, CompareSettings settings, Progress progress) {
        this.target = target;
        this.settings = settings;
        this.progress = progress;
    }

    /** Blocks until all is measured or {@link #interrupt} was called. */
    Report run() throws Exception {
        ClientSession session = ClientSession.builder()
                .cookieJar(CookieJar.disabled())
                // Said rather than found out: looking for the other codings' libraries takes time at the start.
                .header("Accept-Encoding", "gzip, deflate")
                .timeout(ClientTimeout.total(settings.timeout()))
                .limits(ConnectionLimits.defaults().withTotal(settings.connections()))
                .build();
        try {
            Round cold = null;
            if (settings.scenarios().contains(Scenario.GATHER)) {
                cold = round(session, Scenario.GATHER, "gather, first round");
            }
            for (Scenario scenario : settings.scenarios()) {
                measure(session, scenario, scenario == Scenario.GATHER ? cold : null);
            }
            return new Report(
                    target.description(), target.requests(), List.copyOf(finished), foreground.isInterrupted());
        } finally {
            session.dispose();
        }
    }

    private void measure(ClientSession session, Scenario scenario, @Nullable Round cold) throws Exception {
        List<Round> warm = new ArrayList<>();
        long started = System.nanoTime();
        while (!foreground.isInterrupted() && wantsAnother(scenario, warm.size(), System.nanoTime() - started)) {
            warm.add(round(session, scenario, scenario.label()));
        }
        if (!warm.isEmpty() || cold != null) {
            finished.add(ScenarioResult.of(scenario.label(), cold, warm));
        }
    }

    private boolean wantsAnother(Scenario scenario, int done, long nanos) {
        if (scenario == Scenario.SEQUENTIAL || done == 0) {
            return done == 0;
        }
        if (settings.rounds() > 0) {
            return done < settings.rounds();
        }
        return done < ROUNDS && nanos < SHORT_WHILE.toNanos();
    }

    private Round round(ClientSession session, Scenario scenario, String name) throws Exception {
        Recorder recorder = new Recorder();
        progress.begin(name, target.requests(), recorder::done);
        Fetcher fetcher = new Fetcher(session, target.urls(), recorder);
        foreground.run(scenario.round(fetcher, settings));
        Round round = recorder.snapshot();
        progress.end(recorder.done(), round.failed(), round.wall());
        return round;
    }

    /** Cuts the running round and starts no other: {@link #run} returns what was done until now. */
    void interrupt() {
        foreground.interrupt();
    }
}
