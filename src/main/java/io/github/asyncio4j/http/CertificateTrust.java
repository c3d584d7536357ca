package io.github.asyncio4j.http;

import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts a server for its own certificate, whoever signed it and whatever name it has. An extended trust manager: the JDK
 * adds no checks of its own to these.
 */
final class CertificateTrust extends X509ExtendedTrustManager {

    static final CertificateTrust ANY = new CertificateTrust(Set.of());

    private static final int SHA_256_BYTES = 32;

    private final Set<String> fingerprints;

    private CertificateTrust(Set<String> fingerprints) {
        this.fingerprints = fingerprints;
    }

    /** Those whose SHA-256 is one of these, in hexadecimal, with or without colons. */
    static CertificateTrust pinned(String... fingerprints) {
        if (fingerprints.length == 0) {
            throw new IllegalArgumentException("fingerprints must not be empty");
        }
        Set<String> known = new LinkedHashSet<>();
        for (String fingerprint : fingerprints) {
            known.add(checked(fingerprint));
        }
        return new CertificateTrust(known);
    }

    private static String checked(String fingerprint) {
        String digits = fingerprint.replace(":", "").toLowerCase(Locale.ROOT);
        try {
            if (HexFormat.of().parseHex(digits).length == SHA_256_BYTES) {
                return digits;
            }
        } catch (IllegalArgumentException e) {
            // Said below, together with what has the wrong length.
        }
        throw new IllegalArgumentException(
                "a fingerprint must be a SHA-256 in 64 hexadecimal digits, but is '" + fingerprint + "'");
    }

    private void check(X509Certificate[] chain) throws CertificateException {
        if (fingerprints.isEmpty()) {
            return;
        }
        String shown = fingerprint(chain[0]);
        if (!fingerprints.contains(shown)) {
            throw new CertificateException("the certificate has the fingerprint " + shown + ", but expected is "
                    + String.join(" or ", fingerprints));
        }
    }

    private static String fingerprint(X509Certificate certificate) throws CertificateException {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(sha256.digest(certificate.getEncoded()));
        } catch (NoSuchAlgorithmException e) {
            throw new CertificateException("this JVM has no SHA-256", e);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw serverOnly();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        throw serverOnly();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        throw serverOnly();
    }

    private static CertificateException serverOnly() {
        return new CertificateException("this is the trust of a client, in servers");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
