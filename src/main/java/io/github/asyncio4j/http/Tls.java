package io.github.asyncio4j.http;

import io.netty.handler.ssl.SslHandler;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * TLS as a client, by the JDK: TLS 1.2 is the least, and the name in the certificate is always compared with the host of
 * the URL, whatever trust manager the SSLContext has.
 */
final class Tls {

    private final boolean insecure;
    private volatile @Nullable SSLContext context;

    Tls(@Nullable SSLContext context, boolean insecure) {
        this.context = context;
        this.insecure = insecure;
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
        parameters.setEndpointIdentificationAlgorithm(insecure ? null : "HTTPS");
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
            if (!insecure) {
                return SSLContext.getDefault();
            }
            SSLContext trusting = SSLContext.getInstance("TLS");
            trusting.init(null, new TrustManager[] {new TrustsAll()}, null);
            return trusting;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM offers no TLS", e);
        }
    }

    /** An extended one: the JDK adds no checks of its own to these. */
    private static final class TrustsAll extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, java.net.Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, java.net.Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
