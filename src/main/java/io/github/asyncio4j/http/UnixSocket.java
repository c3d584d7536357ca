package io.github.asyncio4j.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.FileNotFoundException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A socket that is a file of this machine: no names, no addresses, no race. */
final class UnixSocket {

    private UnixSocket() {}

    /** To be called on {@code loop}; the channel that is being connected, to be closed by whoever gives up. */
    static @Nullable Channel connect(
            Path file, boolean epoll, EventLoop loop, Sockets settings, SocketRace.Result result) {
        Channel channel;
        try {
            channel = epoll ? new EpollDomainSocketChannel() : new NioDomainSocketChannel();
            settings.configure(channel);
        } catch (ChannelException e) {
            failed(file, e, result);
            return null;
        }
        channel.config().setAutoRead(false);
        channel.config().setOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0);
        channel.config().setAutoClose(false);
        loop.register(channel);
        SocketAddress address = epoll ? new DomainSocketAddress(file.toFile()) : UnixDomainSocketAddress.of(file);
        channel.connect(address).addListener(connected -> {
            if (connected.isSuccess()) {
                result.connected(channel);
            } else {
                channel.close();
                failed(file, connected.cause(), result);
            }
        });
        return channel;
    }

    private static void failed(Path file, Throwable cause, SocketRace.Result result) {
        Throwable root = cause.getCause() == null ? cause : cause.getCause();
        String why = root instanceof FileNotFoundException ? "No such file or directory" : SocketRace.reason(root);
        result.failed(file + " (" + why + ")", cause);
    }
}
