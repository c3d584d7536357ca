package io.github.asyncio4j.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Asks a proxy for a connection to an origin, by CONNECT or by SOCKS5, and leaves the pipeline when it is there. It sees
 * nothing of the request, and the proxy looks the host up. On the event loop only.
 */
final class Tunnel extends ChannelInboundHandlerAdapter {

    private final Proxy proxy;
    private final Origin origin;
    private final Result result;
    private final @Nullable Socks socks;
    private final ByteArrayOutputStream input = new ByteArrayOutputStream();
    private int last;
    private boolean over;

    /** How it ends. */
    interface Result {
        void open();

        /** @param head what the proxy answered, if it was HTTP */
        void refused(String why, @Nullable ResponseHead head);
    }

    Tunnel(Proxy proxy, Origin origin, Result result) {
        this.proxy = proxy;
        this.origin = origin;
        this.result = result;
        this.socks = proxy.socks() ? new Socks(proxy, origin) : null;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        byte[] first = socks == null ? connect() : socks.greeting();
        context.writeAndFlush(Unpooled.wrappedBuffer(first), context.voidPromise());
        context.read();
    }

    private byte[] connect() {
        String host = origin.host().indexOf(':') >= 0 ? "[" + origin.host() + "]" : origin.host();
        String target = host + ":" + origin.port();
        StringBuilder head = new StringBuilder("CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n");
        field(head, "User-Agent", RequestWriter.USER_AGENT);
        field(head, "Proxy-Authorization", proxy.authorization());
        for (Map.Entry<String, String> field : proxy.headers()) {
            head.append(field.getKey()).append(": ").append(field.getValue()).append("\r\n");
        }
        return head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private void field(StringBuilder head, String name, @Nullable String value) {
        if (value != null && !proxy.sends(name)) {
            head.append(name).append(": ").append(value).append("\r\n");
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            while (bytes.isReadable() && !over) {
                byte next = bytes.readByte();
                input.write(next);
                last = last << 8 | next & 0xff;
                step(context, bytes);
            }
        } catch (InvalidResponseException e) {
            refuse(Objects.requireNonNull(e.getMessage()), null);
        } finally {
            bytes.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (!over) {
            context.read();
        } else {
            context.fireChannelReadComplete();
        }
    }

    // Byte by byte: what comes is short, and what comes after it is not ours.
    private void step(ChannelHandlerContext context, ByteBuf rest) throws InvalidResponseException {
        if (socks != null) {
            byte[] reply = socks.next(input);
            if (reply.length > 0) {
                context.writeAndFlush(Unpooled.wrappedBuffer(reply), context.voidPromise());
            }
            if (socks.isOpen()) {
                opened(context, rest);
            } else if (socks.refusal() != null) {
                refuse(Objects.requireNonNull(socks.refusal()), null);
            }
        } else if (endsHead()) {
            answered(context, ResponseHead.parse(input.toByteArray()), rest);
        } else if (input.size() > ResponseHead.MAX_BYTES) {
            refuse("its answer is larger than " + ResponseHead.MAX_BYTES + " bytes", null);
        }
    }

    private boolean endsHead() {
        return (last & 0xffff) == 0x0a0a || (last & 0xffffff) == 0x0a0d0a;
    }

    private void answered(ChannelHandlerContext context, ResponseHead head, ByteBuf rest) {
        boolean granted = head.status >= 200 && head.status < 300;
        if (head.status < 200) {
            input.reset();
        } else if (!granted) {
            refuse("it answered " + head.status + " " + head.reason(), head);
        } else if (head.headers.find("transfer-encoding", 0) >= 0
                || head.headers.find("content-length", 0) >= 0 && !"0".equals(head.headers.get("content-length"))) {
            refuse("it answered CONNECT with a body", head);
        } else {
            opened(context, rest);
        }
    }

    private void opened(ChannelHandlerContext context, ByteBuf rest) {
        if (rest.isReadable()) {
            refuse("it sent more than its answer", null);
            return;
        }
        over = true;
        context.pipeline().remove(this);
        result.open();
    }

    private void refuse(String why, @Nullable ResponseHead head) {
        if (!over) {
            over = true;
            result.refused(why, head);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        refuse("it closed the connection", null);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        refuse("the connection to it broke (" + cause.getMessage() + ")", null);
    }
}
