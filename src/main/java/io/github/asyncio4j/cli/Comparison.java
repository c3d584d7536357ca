package io.github.asyncio4j.cli;

import io.github.asyncio4j.http.ClientSession;
import io.github.asyncio4j.http.ClientTimeout;
import io.github.asyncio4j.http.ConnectionLimits;
import io.github.asyncio4j.http.CookieJar;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
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
    private final List<String> notes = new ArrayList<>();

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
                measure(
                        scenario.label(),
                        scenario == Scenario.SEQUENTIAL ? 1 : ROUNDS,
                        scenario == Scenario.GATHER ? cold : null,
                        () -> round(session, scenario, scenario.label()));
            }
            for (Rival rival : settings.rivals()) {
                race(rival);
            }
            return Report.of(
                    target.description(),
                    target.requests(),
                    List.copyOf(finished),
                    List.copyOf(notes),
                    foreground.isInterrupted());
        } finally {
            session.dispose();
        }
    }

    private void measure(String name, int rounds, @Nullable Round cold, Callable<Round> round) throws Exception {
        List<Round> warm = new ArrayList<>();
        long started = System.nanoTime();
        while (!foreground.isInterrupted() && wantsAnother(rounds, warm.size(), System.nanoTime() - started)) {
            warm.add(round.call());
        }
        if (!warm.isEmpty() || cold != null) {
            finished.add(ScenarioResult.of(name, cold, warm));
        }
    }

    private boolean wantsAnother(int rounds, int done, long nanos) {
        if (rounds == 1 || done == 0) {
            return done == 0;
        }
        if (settings.rounds() > 0) {
            return done < settings.rounds();
        }
        return done < rounds && nanos < SHORT_WHILE.toNanos();
    }

    private void race(Rival rival) throws Exception {
        if (!rival.isInstalled()) {
            notes.add(rival.label() + " is not installed here and was left out.");
        } else if (!rival.takesLists()
                && target.urls().stream().distinct().limit(2).count() > 1) {
            notes.add(rival.label() + " fetches one URL only and was left out.");
        } else {
            RivalRace race = new RivalRace(target.urls(), settings.concurrency(), settings.timeout());
            try {
                measure(rival.label(), ROUNDS, null, () -> round(rival, race));
            } catch (IOException e) {
                notes.add(e.getMessage() + "; it was left out.");
            }
        }
    }

    private Round round(Rival rival, RivalRace race) throws Exception {
        AtomicReference<Round> result = new AtomicReference<>(Round.NONE);
        progress.begin(rival.label(), 0, () -> 0);
        foreground.run(race.round(rival).doOnNext(result::set));
        Round round = result.get();
        progress.end(round.succeeded() + round.failed(), round.failed(), round.wall());
        return round;
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
