package io.github.asyncio4j.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Happy Eyeballs (RFC 8305): tries the addresses of a host in turn, the two families alternating; the next one starts when
 * one has failed, or has not answered for a quarter of a second. The first socket that is connected wins, the others are
 * closed. All of it happens on one event loop.
 */
final class SocketRace {

    private static final int HEAD_START_MILLIS = 250;

    private final Transport transport;
    private final EventLoop loop;
    private final int port;
    private final Result result;
    private final ArrayDeque<InetAddress> untried;
    private final List<Channel> running = new ArrayList<>(1);
    private final StringBuilder failures = new StringBuilder();
    private @Nullable Throwable firstFailure;
    private @Nullable ScheduledFuture<?> headStart;
    private boolean over;

    /** How it ends; not called after {@link #stop}. */
    interface Result {
        void connected(Channel channel);

        /** @param failures each address with its reason */
        void failed(String failures, @Nullable Throwable first);
    }

    SocketRace(Transport transport, EventLoop loop, List<InetAddress> addresses, int port, Result result) {
        this.transport = transport;
        this.loop = loop;
        this.port = port;
        this.result = result;
        this.untried = alternating(addresses);
    }

    /** In the resolver's order, but one of the other family after each of the first's. */
    static ArrayDeque<InetAddress> alternating(List<InetAddress> addresses) {
        if (addresses.size() < 2) {
            return new ArrayDeque<>(addresses);
        }
        boolean six = addresses.get(0) instanceof Inet6Address;
        ArrayDeque<InetAddress> first = new ArrayDeque<>();
        ArrayDeque<InetAddress> second = new ArrayDeque<>();
        addresses.forEach(address -> (address instanceof Inet6Address == six ? first : second).add(address));
        ArrayDeque<InetAddress> all = new ArrayDeque<>(addresses.size());
        while (!first.isEmpty() || !second.isEmpty()) {
            if (!first.isEmpty()) {
                all.add(first.remove());
            }
            if (!second.isEmpty()) {
                all.add(second.remove());
            }
        }
        return all;
    }

    void start() {
        InetAddress address = untried.poll();
        if (address == null) {
            if (running.isEmpty()) {
                over = true;
                result.failed(failures.toString(), firstFailure);
            }
            return;
        }
        Channel channel;
        try {
            channel = transport.newChannel();
        } catch (ChannelException e) { // the process has no file descriptors left
            note(address, e);
            start();
            return;
        }
        channel.config().setAutoRead(false);
        channel.config().setOption(ChannelOption.TCP_NODELAY, true);
        channel.config().setOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0);
        channel.config().setAutoClose(false); // who refuses what we send may have said why
        running.add(channel);
        if (!untried.isEmpty()) {
            headStart = loop.schedule(this::start, HEAD_START_MILLIS, TimeUnit.MILLISECONDS);
        }
        loop.register(channel).addListener(registered -> {
            if (registered.isSuccess()) {
                channel.connect(new InetSocketAddress(address, port), transport.local())
                        .addListener(connected -> ended(channel, address, connected));
            } else {
                ended(channel, address, registered);
            }
        });
    }

    private void ended(Channel channel, InetAddress address, Future<?> attempt) {
        running.remove(channel);
        if (over) {
            channel.close();
        } else if (attempt.isSuccess()) {
            stop();
            result.connected(channel);
        } else {
            channel.close();
            note(address, attempt.cause());
            stopHeadStart();
            start();
        }
    }

    private void note(InetAddress address, Throwable cause) {
        firstFailure = firstFailure == null ? cause : firstFailure;
        // Netty repeats the address in its message; the cause of it does not.
        Throwable root = cause.getCause() == null ? cause : cause.getCause();
        failures.append(failures.length() == 0 ? "" : ", ")
                .append(address.getHostAddress())
                .append(':')
                .append(port)
                .append(" (")
                .append(reason(root))
                .append(')');
    }

    /** The native transport puts the failed call and its number in front of the system's words. */
    static String reason(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        int number = message.indexOf("failed with error(");
        int words = number < 0 ? -1 : message.indexOf("): ", number);
        return words < 0 ? message : message.substring(words + "): ".length());
    }

    /** Closes all that are still running. */
    void stop() {
        over = true;
        stopHeadStart();
        List.copyOf(running).forEach(Channel::close);
    }

    private void stopHeadStart() {
        ScheduledFuture<?> waiting = headStart;
        if (waiting != null) {
            headStart = null;
            waiting.cancel(false);
        }
    }
}
