package io.github.asyncio4j.http;

import io.netty.handler.ssl.SslHandler;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * TLS as a client, by the JDK: TLS 1.2 is the least, and the name in the certificate is compared with the host of the
 * URL, whatever trust manager the SSLContext has, unless the certificate itself is what is trusted.
 */
final class Tls {

    private final @Nullable CertificateTrust trust;
    private volatile @Nullable SSLContext context;

    /** @param trust by the certificate alone, with which its names are of no interest; or null */
    Tls(@Nullable SSLContext context, @Nullable CertificateTrust trust) {
        this.context = context;
        this.trust = trust;
    }

    /** Completes when certificates and settings are read, which is no work for an event loop. */
    Mono<Void> prepared() {
        return context != null
                ? Mono.empty()
                : Mono.<Void>fromRunnable(this::context).subscribeOn(Schedulers.boundedElastic());
    }

    /** @param h2 whether HTTP/2 is offered as well */
    SslHandler newHandler(Origin origin, boolean h2) {
        SSLEngine engine = context().createSSLEngine(origin.host(), origin.port());
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
        parameters.setEndpointIdentificationAlgorithm(trust == null ? "HTTPS" : null);
        if (h2) {
            parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
        }
        engine.setSSLParameters(parameters);
        return new SslHandler(engine);
    }

    private SSLContext context() {
        SSLContext known = context;
        if (known == null) {
            // Two threads may both build one; either will do.
            known = build();
            context = known;
        }
        return known;
    }

    private SSLContext build() {
        try {
            if (trust == null) {
                return SSLContext.getDefault();
            }
            SSLContext trusting = SSLContext.getInstance("TLS");
            trusting.init(null, new TrustManager[] {trust}, null);
            return trusting;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM offers no TLS", e);
        }
    }
}
