package io.github.asyncio4j.http;

/**
 * Which content codings can be undone here: gzip and deflate by the JDK, br and zstd if their libraries are there. What is
 * offered to servers is what works, natives included.
 */
final class Codings {

    private static final Source BROTLI = () -> new BrotliDecoder();
    private static final Source ZSTD = () -> new ZstdDecoder();
    private static final String ALWAYS = "gzip, deflate";
    private static volatile String accepted = ALWAYS;

    private Codings() {}

    /** The value of Accept-Encoding. */
    static String accepted() {
        return accepted;
    }

    /** Finds out what works; not on an event loop. */
    static void look() {
        accepted = ALWAYS + (works(BROTLI) ? ", br" : "") + (works(ZSTD) ? ", zstd" : "");
    }

    // Makes one, and with that loads all that one needs.
    private static boolean works(Source source) {
        try {
            source.get().close();
            return true;
        } catch (Exception | LinkageError e) {
            return false;
        }
    }

    static Decoder brotli() throws InvalidResponseException {
        return decoder(BROTLI, "br", "com.aayushatharva.brotli4j:brotli4j, with its natives for this platform,");
    }

    static Decoder zstd() throws InvalidResponseException {
        return decoder(ZSTD, "zstd", "com.github.luben:zstd-jni");
    }

    private static Decoder decoder(Source source, String coding, String library) throws InvalidResponseException {
        try {
            return source.get();
        } catch (Exception | LinkageError e) {
            throw new InvalidResponseException(
                    "unsupported Content-Encoding: " + coding + "; " + library + " has to be on the class path for it");
        }
    }

    private interface Source {
        Decoder get() throws Exception;
    }
}
