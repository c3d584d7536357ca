package io.github.asyncio4j.http;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** What goes wrong in a handshake its future tells. Without this, Netty would log it as an error that nobody handled. */
@Sharable
final class HandshakeErrors extends ChannelInboundHandlerAdapter {

    static final HandshakeErrors TOLD = new HandshakeErrors();

    private HandshakeErrors() {}

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // Ends here.
    }
}
