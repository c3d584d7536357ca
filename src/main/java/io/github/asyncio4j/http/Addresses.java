package io.github.asyncio4j.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Host names to addresses by the operating system, the way all other programs on the machine do it. */
final class Addresses {

    private Addresses() {}

    /** The address that a host already is, or null: a literal is never looked up. */
    static @Nullable InetAddress literal(String host) {
        if (host.indexOf(':') < 0 && !Url.Hosts.isIpv4(host)) {
            return null;
        }
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            return null; // an unknown zone; the lookup will say so
        }
    }

    static Mono<List<InetAddress>> lookUp(String host) {
        return Mono.fromCallable(() -> List.of(InetAddress.getAllByName(host)))
                .subscribeOn(Schedulers.boundedElastic());
    }
}
