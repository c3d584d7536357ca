package io.github.asyncio4j.http;

import java.io.Serial;

/** A frame that must not be, and the code to close with. */
final class FrameViolation extends Exception {

    @Serial
    private static final long serialVersionUID = 1L;

    final int closeCode;

    FrameViolation(int closeCode, String message) {
        super(message, null, false, false);
        this.closeCode = closeCode;
    }
}
