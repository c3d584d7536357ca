package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SocketRaceTest {

    /** Otherwise the event loop would meet the exception, and the one who wants to connect would hear nothing. */
    @Test
    void aProcessWithoutDescriptorsIsToldThatItCannotConnect() throws Exception {
        Transport exhausted = new Transport(Transport.shared().loops(), () -> {
            throw new ChannelException(
                    "Unable to create Channel",
                    new IOException("newSocketStream(..) failed with error(-24): Too many open files"));
        });
        List<String> told = new ArrayList<>();
        InetAddress four = InetAddress.getByName("127.0.0.1");
        InetAddress six = InetAddress.getByName("::1");
        new SocketRace(exhausted, exhausted.next(), List.of(four, six), 80, new SocketRace.Result() {
                    @Override
                    public void connected(Channel channel) {
                        told.add("connected");
                    }

                    @Override
                    public void failed(String failures, @Nullable Throwable first) {
                        told.add(failures + " " + first);
                    }
                })
                .start();
        assertThat(told)
                .containsExactly("127.0.0.1:80 (Too many open files), 0:0:0:0:0:0:0:1:80 (Too many open files) "
                        + "io.netty.channel.ChannelException: Unable to create Channel");
    }
}
