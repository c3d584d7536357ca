package io.github.asyncio4j.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a session's sockets are made.
 *
 * @param unix the file that all connections go to, or null
 * @param localAddress where they come from, or null
 * @param configuration what the user does with each
 */
record Sockets(@Nullable Path unix, @Nullable InetAddress localAddress, Consumer<Channel> configuration) {

    private static final Consumer<Channel> NOTHING = channel -> {};

    static final Sockets PLAIN = new Sockets(null, null, NOTHING);

    boolean isPlain() {
        return localAddress == null && configuration == NOTHING;
    }

    /** @throws ChannelException with what the user's code has thrown; the channel is closed then */
    void configure(Channel made) {
        try {
            configuration.accept(made);
        } catch (RuntimeException e) {
            made.unsafe().closeForcibly();
            throw new ChannelException("the configuration of the channel failed", e);
        }
    }

    @Nullable
    SocketAddress local() {
        return localAddress == null ? null : new InetSocketAddress(localAddress, 0);
    }

    Sockets withUnix(Path file) {
        return new Sockets(file, localAddress, configuration);
    }

    Sockets withLocalAddress(InetAddress address) {
        return new Sockets(unix, address, configuration);
    }

    Sockets withConfiguration(Consumer<Channel> more) {
        return new Sockets(unix, localAddress, configuration == NOTHING ? more : configuration.andThen(more));
    }
}
