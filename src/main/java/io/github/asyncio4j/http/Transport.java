package io.github.asyncio4j.http;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.TcpResources;

/** Event loops and sockets: Reactor Netty's shared ones unless a session is given its own. */
record Transport(LoopResources loops) {

    static Transport shared() {
        return new Transport(TcpResources.get());
    }

    EventLoop next() {
        return group().next();
    }

    Channel newChannel() {
        return loops.onChannel(SocketChannel.class, group());
    }

    private EventLoopGroup group() {
        return loops.onClient(LoopResources.DEFAULT_NATIVE);
    }
}
