package io.github.asyncio4j.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Certificates and keys from files. */
final class TlsFiles {

    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");

    private TlsFiles() {}

    /** @throws IllegalArgumentException with a sentence for the user */
    static SSLContext context(
            @Nullable Path authorities, @Nullable Path certificate, @Nullable Path key, char[] password) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    certificate == null ? null : keys(certificate, key, password),
                    authorities == null ? null : trust(authorities),
                    null);
            return context;
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("cannot read " + e.getFile() + ": no such file", e);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "cannot use " + named(authorities, certificate) + ": " + e.getMessage(), e);
        }
    }

    private static String named(@Nullable Path authorities, @Nullable Path certificate) {
        return certificate == null ? "--cacert " + authorities : "--cert " + certificate;
    }

    private static TrustManager[] trust(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = empty();
        int number = 0;
        for (Certificate each : certificates(file)) {
            store.setCertificateEntry("authority-" + number++, each);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static KeyManager[] keys(Path certificate, @Nullable Path key, char[] password)
            throws IOException, GeneralSecurityException {
        KeyStore store = empty();
        String name = certificate.toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".p12") || name.endsWith(".pfx")) {
            store.load(new ByteArrayInputStream(Files.readAllBytes(certificate)), password);
        } else {
            Certificate[] chain = certificates(certificate).toArray(Certificate[]::new);
            store.setKeyEntry("client", key(key == null ? certificate : key), password, chain);
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, password);
        return factory.getKeyManagers();
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Collection<? extends Certificate> certificates(Path file)
            throws IOException, GeneralSecurityException {
        // A key may be in the same file, and the factory wants certificates alone.
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        int first = text.indexOf("-----BEGIN CERTIFICATE-----");
        if (first < 0) {
            throw new GeneralSecurityException("there is no certificate in " + file);
        }
        String alone = KEY.matcher(text.substring(first)).replaceAll("");
        return CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(alone.getBytes(StandardCharsets.ISO_8859_1)));
    }

    private static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
        Matcher pem = KEY.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        if (!pem.find()) {
            throw new GeneralSecurityException(
                    "there is no PKCS#8 key in " + file + "; openssl pkcs8 -topk8 -nodes makes one");
        }
        PKCS8EncodedKeySpec encoded =
                new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1)));
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
            } catch (InvalidKeySpecException another) {
                // Its algorithm is inside; the JDK offers no way to read that but trying.
            }
        }
        throw new GeneralSecurityException("the key in " + file + " is none of " + ALGORITHMS);
    }
}
