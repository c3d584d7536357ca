package io.github.asyncio4j.file;

import java.io.Serial;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;

/** UTF-8, strictly: what is malformed is an error, never replaced. */
final class Utf8 {

    private static final char REPLACEMENT = '\uFFFD';

    private Utf8() {}

    /** @param where names the place in the error */
    static String decode(byte[] bytes, int from, int length, Object where) throws MalformedInputException {
        // The lenient way is several times as fast. Where it replaced something, or found the very character, look
        // again.
        String text = new String(bytes, from, length, StandardCharsets.UTF_8);
        if (text.indexOf(REPLACEMENT) >= 0) {
            try {
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, length));
            } catch (CharacterCodingException e) {
                throw new NotUtf8Exception(where + " is not UTF-8", length);
            }
        }
        return text;
    }

    static ByteBuffer encode(String text) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
    }

    private static final class NotUtf8Exception extends MalformedInputException {

        @Serial
        private static final long serialVersionUID = 1L;

        private final String message;

        NotUtf8Exception(String message, int length) {
            super(length);
            this.message = message;
        }

        @Override
        public String getMessage() {
            return message;
        }
    }
}
