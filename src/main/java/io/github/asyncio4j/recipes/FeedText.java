package io.github.asyncio4j.recipes;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Decodes a feed: byte order mark, then the Content-Type, then the XML declaration, then UTF-8 (RFC 7303, 3). */
final class FeedText {

    private static final Pattern PARAMETER =
            Pattern.compile("charset\\s*=\\s*\"?([^\\s;\"]+)", Pattern.CASE_INSENSITIVE);
    private static final Pattern DECLARATION =
            Pattern.compile("^\\s*<\\?xml[^>]*\\sencoding\\s*=\\s*[\"']([^\"']+)[\"']");

    private FeedText() {}

    static String decode(byte[] bytes, Optional<String> contentType) throws IOException {
        Charset charset = marked(bytes);
        String named = charset != null ? null : named(bytes, contentType);
        try {
            charset = charset != null ? charset : named == null ? UTF_8 : Charset.forName(named);
            String text = charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            throw new ProtocolException("unknown charset " + named);
        } catch (CharacterCodingException e) {
            throw new ProtocolException("not valid " + charset);
        }
    }

    private static @Nullable String named(byte[] bytes, Optional<String> contentType) {
        Matcher parameter = PARAMETER.matcher(contentType.orElse(""));
        if (parameter.find()) {
            return parameter.group(1);
        }
        String start = new String(bytes, 0, Math.min(bytes.length, 200), ISO_8859_1);
        Matcher declaration = DECLARATION.matcher(start);
        return declaration.find() ? declaration.group(1) : null;
    }

    private static @Nullable Charset marked(byte[] bytes) {
        if (startsWith(bytes, 0xEF, 0xBB, 0xBF)) {
            return UTF_8;
        }
        if (startsWith(bytes, 0xFE, 0xFF)) {
            return UTF_16BE;
        }
        return startsWith(bytes, 0xFF, 0xFE) ? UTF_16LE : null;
    }

    private static boolean startsWith(byte[] bytes, int... mark) {
        for (int i = 0; i < mark.length; i++) {
            if (i >= bytes.length || (bytes[i] & 0xFF) != mark[i]) {
                return false;
            }
        }
        return true;
    }
}
