package io.github.asyncio4j.http;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A client's side of SOCKS5 (RFC 1928, RFC 1929): what to say to what has come so far. */
final class Socks {

    private static final int VERSION = 5;
    private static final int NO_LOGIN = 0;
    private static final int LOGIN = 2;
    private static final byte[] NOTHING = {};
    private static final String[] FAILURES = {
        "",
        "general failure",
        "not allowed by its rules",
        "network unreachable",
        "host unreachable",
        "connection refused",
        "time to live expired",
        "command not supported",
        "address type not supported"
    };

    private enum State {
        METHOD,
        LOGIN,
        CONNECT,
        OPEN
    }

    private final Proxy proxy;
    private final Origin origin;
    private State state = State.METHOD;
    private @Nullable String refusal;

    Socks(Proxy proxy, Origin origin) {
        this.proxy = proxy;
        this.origin = origin;
    }

    byte[] greeting() {
        return proxy.login() == null ? new byte[] {VERSION, 1, NO_LOGIN} : new byte[] {VERSION, 2, NO_LOGIN, LOGIN};
    }

    boolean isOpen() {
        return state == State.OPEN;
    }

    @Nullable
    String refusal() {
        return refusal;
    }

    /** Looks at what has come since the last step; empties {@code input} when it is one more. */
    byte[] next(ByteArrayOutputStream input) {
        byte[] bytes = input.toByteArray();
        byte @Nullable [] reply = switch (state) {
            case METHOD -> bytes.length < 2 ? null : method(bytes);
            case LOGIN -> bytes.length < 2 ? null : login(bytes);
            case CONNECT -> bytes.length < 5 || bytes.length < replyLength(bytes) ? null : connected(bytes);
            case OPEN -> NOTHING;
        };
        if (reply == null) {
            return NOTHING;
        }
        input.reset();
        return reply;
    }

    private byte[] method(byte[] answer) {
        if (answer[0] != VERSION) {
            return refuse("it does not speak SOCKS5");
        }
        if (answer[1] == NO_LOGIN) {
            return connect();
        }
        if (answer[1] == LOGIN && proxy.login() != null) {
            state = State.LOGIN;
            return credentials(proxy.login());
        }
        return refuse("it asks for another kind of login");
    }

    private byte[] credentials(String login) {
        int colon = login.indexOf(':');
        byte[] user = login.substring(0, colon).getBytes(StandardCharsets.UTF_8);
        byte[] password = login.substring(colon + 1).getBytes(StandardCharsets.UTF_8);
        if (user.length > 255 || password.length > 255) {
            return refuse("user or password is longer than 255 bytes");
        }
        return ByteBuffer.allocate(3 + user.length + password.length)
                .put((byte) 1)
                .put((byte) user.length)
                .put(user)
                .put((byte) password.length)
                .put(password)
                .array();
    }

    private byte[] login(byte[] answer) {
        return answer[1] == 0 ? connect() : refuse("it did not accept user and password");
    }

    private byte[] connect() {
        state = State.CONNECT;
        InetAddress literal = Addresses.literal(origin.host());
        byte[] address = literal == null ? origin.host().getBytes(StandardCharsets.US_ASCII) : literal.getAddress();
        ByteBuffer request = ByteBuffer.allocate(7 + address.length)
                .put((byte) VERSION)
                .put((byte) 1)
                .put((byte) 0);
        if (literal == null) {
            request.put((byte) 3).put((byte) address.length);
        } else {
            request.put((byte) (address.length == 4 ? 1 : 4));
        }
        request.put(address).putShort((short) origin.port()).flip();
        byte[] bytes = new byte[request.remaining()];
        request.get(bytes);
        return bytes;
    }

    private static int replyLength(byte[] reply) {
        return switch (reply[3]) {
            case 1 -> 10;
            case 4 -> 22;
            default -> 7 + (reply[4] & 0xff);
        };
    }

    private byte[] connected(byte[] reply) {
        if (reply[0] != VERSION || reply[1] != 0) {
            int code = reply[1] & 0xff;
            return refuse(code > 0 && code < FAILURES.length ? FAILURES[code] : "failure " + code);
        }
        state = State.OPEN;
        return NOTHING;
    }

    private byte[] refuse(String why) {
        refusal = why;
        return NOTHING;
    }
}
