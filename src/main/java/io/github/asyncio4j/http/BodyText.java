package io.github.asyncio4j.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A body as it stands in a text file: as text where that gives back the same bytes, else as Base64.
 *
 * @param charset of the text, or null for Base64
 */
record BodyText(String content, @Nullable Charset charset) {

    /** With secrets taken out, as far as the bytes are text. */
    static BodyText of(byte[] bytes, @Nullable String contentType, Redaction redaction) {
        Charset charset = Charsets.of(contentType);
        String text = exact(bytes, charset);
        if (text == null) {
            return new BodyText(Base64.getEncoder().encodeToString(bytes), null);
        }
        return new BodyText(redaction.text(isForm(contentType) ? redaction.form(text) : text), charset);
    }

    static boolean isForm(@Nullable String contentType) {
        return contentType != null
                && contentType.toLowerCase(Locale.ROOT).startsWith("application/x-www-form-urlencoded");
    }

    private static @Nullable String exact(byte[] bytes, Charset charset) {
        try {
            String text = charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            boolean readable = text.chars().allMatch(c -> c >= ' ' || c == '\t' || c == '\n' || c == '\r');
            return readable && charset.canEncode() && Arrays.equals(text.getBytes(charset), bytes) ? text : null;
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    boolean isUtf8() {
        return StandardCharsets.UTF_8.equals(charset);
    }

    /** @throws IllegalArgumentException when it is no Base64 */
    byte[] bytes() {
        return charset == null ? Base64.getDecoder().decode(content) : content.getBytes(charset);
    }
}
