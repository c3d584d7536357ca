package io.github.asyncio4j.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Host names to addresses, by the session's {@link Resolver}: one lookup for all who ask at the same time, an answer that
 * is remembered for a while, and a failure that is not.
 */
final class Addresses {

    private static final long REMEMBERED_NANOS = Duration.ofSeconds(10).toNanos();
    private static final int MAX_HOSTS = 1000;

    private final Resolver resolver;
    private final LongSupplier nanoTime;
    // Oldest first; guarded by itself.
    private final Map<String, Lookup> lookups = new LinkedHashMap<>();

    /** One lookup, shared by whoever waits for it; its answer outlives the one who asked first. */
    private record Lookup(Mono<List<InetAddress>> answer, long askedAt) {}

    Addresses(Resolver resolver, LongSupplier nanoTime) {
        this.resolver = resolver;
        this.nanoTime = nanoTime;
    }

    /** The address that a host already is, or null: a literal is never looked up. */
    static @Nullable InetAddress literal(String host) {
        if (host.indexOf(':') < 0 && !Hosts.isIpv4(host)) {
            return null;
        }
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            return null; // an unknown zone; the lookup will say so
        }
    }

    /** The lookup of the operating system, the one that all other programs on the machine use. */
    static Mono<List<InetAddress>> bySystem(String host) {
        return Mono.fromCallable(() -> List.of(InetAddress.getAllByName(host)))
                .subscribeOn(Schedulers.boundedElastic());
    }

    /** @param trace whom to tell whether the answer was known, or null */
    Mono<List<InetAddress>> of(String host, @Nullable ExchangeTrace trace) {
        Lookup before;
        Lookup lookup;
        synchronized (lookups) {
            before = lookups.get(host);
            lookup = before == null || nanoTime.getAsLong() - before.askedAt() > REMEMBERED_NANOS
                    ? lookUpAnew(host)
                    : before;
        }
        if (trace != null) {
            trace.resolving(host, lookup == before);
        }
        return lookup.answer();
    }

    private Lookup lookUpAnew(String host) {
        lookups.remove(host);
        Lookup asked = ask(host);
        lookups.put(host, asked);
        if (lookups.size() > MAX_HOSTS) {
            lookups.remove(lookups.keySet().iterator().next());
        }
        return asked;
    }

    int size() {
        synchronized (lookups) {
            return lookups.size();
        }
    }

    private Lookup ask(String host) {
        Mono<List<InetAddress>> answer = Mono.defer(() -> resolver.resolve(host))
                .defaultIfEmpty(List.of())
                .doOnNext(found -> forgetIf(found.isEmpty(), host))
                .doOnError(error -> forgetIf(true, host))
                .cache();
        return new Lookup(answer, nanoTime.getAsLong());
    }

    private void forgetIf(boolean failed, String host) {
        if (failed) {
            synchronized (lookups) {
                lookups.remove(host);
            }
        }
    }
}
