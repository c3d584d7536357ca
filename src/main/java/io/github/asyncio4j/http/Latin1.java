package io.github.asyncio4j.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Header values are bytes; they are read as Latin-1, whatever was meant. */
final class Latin1 {

    private Latin1() {}

    /** What a value says if its bytes are UTF-8, and the value as it is if they are not. */
    static String asUtf8(String value) {
        if (value.chars().allMatch(c -> c < 128)) {
            return value;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(value.getBytes(StandardCharsets.ISO_8859_1)))
                    .toString();
        } catch (CharacterCodingException e) {
            return value;
        }
    }
}
