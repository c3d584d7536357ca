package io.github.asyncio4j.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** The opening handshake (RFC 6455, section 4): what we ask for, and whether the answer grants it. */
final class WebSocketHandshake {

    private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final Set<String> OURS = Set.of(
            "host",
            "connection",
            "upgrade",
            "sec-websocket-key",
            "sec-websocket-version",
            "sec-websocket-protocol",
            "sec-websocket-extensions");

    private final WebSocketOptions options;
    private final String key;

    /** What both sides have agreed on. */
    record Agreement(String protocol, boolean compressed, boolean serverForgets, boolean clientForgets) {}

    /** Why there is no agreement. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message, null, false, false);
        }
    }

    WebSocketHandshake(WebSocketOptions options) {
        this.options = options;
        ByteBuffer nonce = ByteBuffer.allocate(16)
                .putLong(ThreadLocalRandom.current().nextLong())
                .putLong(ThreadLocalRandom.current().nextLong());
        this.key = Base64.getEncoder().encodeToString(nonce.array());
    }

    static String checkName(String name) {
        if (OURS.contains(HeaderList.checkName(name).toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("header " + name + " is set by the handshake itself");
        }
        return name;
    }

    HeaderList addTo(HeaderList headers) {
        HeaderList all = headers.set("Upgrade", "websocket")
                .set("Connection", "Upgrade")
                .set("Sec-WebSocket-Version", "13")
                .set("Sec-WebSocket-Key", key);
        if (!options.protocols().isEmpty()) {
            all = all.set("Sec-WebSocket-Protocol", String.join(", ", options.protocols()));
        }
        return options.compress() ? all.set("Sec-WebSocket-Extensions", "permessage-deflate") : all;
    }

    Agreement check(ResponseHead head) throws Refused {
        require(head.status == 101, "the server answered with " + head.status + " " + head.reason());
        require(head.hasToken("upgrade", "websocket"), "the response has no Upgrade to websocket");
        require(head.hasToken("connection", "upgrade"), "the response has no Connection: Upgrade");
        List<String> accept = head.headers.all("sec-websocket-accept");
        require(
                accept.size() == 1 && accept.get(0).equals(answerTo(key)),
                "the Sec-WebSocket-Accept of the response does not answer our key");
        String protocol = protocol(head);
        return extension(head, protocol);
    }

    private String protocol(ResponseHead head) throws Refused {
        List<String> chosen = head.headers.all("sec-websocket-protocol");
        if (chosen.isEmpty()) {
            return "";
        }
        require(
                chosen.size() == 1 && options.protocols().contains(chosen.get(0)),
                "the server chose a subprotocol that was not offered: "
                        + HeaderList.visible(String.join(", ", chosen)));
        return chosen.get(0);
    }

    private Agreement extension(ResponseHead head, String protocol) throws Refused {
        String granted =
                String.join(",", head.headers.all("sec-websocket-extensions")).trim();
        if (granted.isEmpty()) {
            return new Agreement(protocol, false, false, false);
        }
        String[] parts = granted.toLowerCase(Locale.ROOT).split(";", -1);
        boolean known = options.compress() && parts[0].trim().equals("permessage-deflate");
        Set<String> parameters = new HashSet<>();
        for (int i = 1; i < parts.length && known; i++) {
            String parameter = parts[i].trim();
            known = isParameter(parameter) && parameters.add(parameter.replaceFirst("\\s*=.*", ""));
        }
        require(known, "the server chose an extension that was not offered: " + HeaderList.visible(granted));
        return new Agreement(
                protocol,
                true,
                parameters.contains("server_no_context_takeover"),
                parameters.contains("client_no_context_takeover"));
    }

    // A smaller window of the server needs nothing of us; one of ours we do not offer.
    private static boolean isParameter(String parameter) {
        return parameter.equals("server_no_context_takeover")
                || parameter.equals("client_no_context_takeover")
                || parameter.matches("server_max_window_bits\\s*=\\s*(\"(8|9|1[0-5])\"|8|9|1[0-5])");
    }

    static String answerTo(String key) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-1").digest((key + MAGIC).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no SHA-1", e);
        }
    }

    private static void require(boolean valid, String otherwise) throws Refused {
        if (!valid) {
            throw new Refused(otherwise);
        }
    }
}
