package io.github.asyncio4j.http;

import io.github.asyncio4j.http.Url.Origin;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** TLS as a client: certificates and host names are checked, TLS 1.2 is the least. Built when first needed. */
final class Tls {

    private final boolean insecure;
    private volatile @Nullable SslContext context;

    Tls(boolean insecure) {
        this.insecure = insecure;
    }

    /** Completes when certificates and settings are read, which is no work for an event loop. */
    Mono<Void> prepared() {
        return context != null
                ? Mono.empty()
                : Mono.<Void>fromRunnable(this::context).subscribeOn(Schedulers.boundedElastic());
    }

    SslHandler newHandler(ByteBufAllocator allocator, Origin origin) {
        return context().newHandler(allocator, origin.host(), origin.port());
    }

    private SslContext context() {
        SslContext known = context;
        if (known == null) {
            // Two threads may both build one; either will do.
            known = build();
            context = known;
        }
        return known;
    }

    private SslContext build() {
        SslContextBuilder builder =
                SslContextBuilder.forClient().sslProvider(SslProvider.JDK).protocols("TLSv1.3", "TLSv1.2");
        if (insecure) {
            builder.trustManager(InsecureTrustManagerFactory.INSTANCE).endpointIdentificationAlgorithm(null);
        } else {
            builder.endpointIdentificationAlgorithm("HTTPS");
        }
        try {
            return builder.build();
        } catch (SSLException e) {
            throw new IllegalStateException("this JVM offers no TLS", e);
        }
    }
}
