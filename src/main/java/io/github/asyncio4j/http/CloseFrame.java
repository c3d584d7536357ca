package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The codes of RFC 6455, section 7.4, and what stands in a close frame. */
final class CloseFrame {

    static final int NORMAL = 1000;
    static final int GOING_AWAY = 1001;
    static final int PROTOCOL_ERROR = 1002;
    /** Never sent: the peer gave no code. */
    static final int NONE = 1005;
    /** Never sent: the connection ended without a close frame. */
    static final int ABNORMAL = 1006;

    static final int NOT_TEXT = 1007;
    static final int TOO_LARGE = 1009;
    static final int INTERNAL_ERROR = 1011;

    private static final int MAX_REASON = 123;

    private CloseFrame() {}

    /** True for what may stand in a frame. */
    static boolean isCode(int code) {
        return code >= 1000 && code <= 1003 || code >= 1007 && code <= 1014 || code >= 3000 && code <= 4999;
    }

    /** What is to be sent, checked. */
    static byte[] payload(int code, String reason) {
        if (!isCode(code)) {
            throw new IllegalArgumentException("code must be 1000–1003, 1007–1014 or 3000–4999, but is " + code);
        }
        byte[] words = Checks.notNull(reason, "reason").getBytes(StandardCharsets.UTF_8);
        if (words.length > MAX_REASON) {
            throw new IllegalArgumentException(
                    "reason must have at most " + MAX_REASON + " bytes, but has " + words.length);
        }
        return ByteBuffer.allocate(2 + words.length)
                .putShort((short) code)
                .put(words)
                .array();
    }
}
