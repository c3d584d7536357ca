package io.github.asyncio4j.http;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.net.SocketAddress;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.NonBlocking;

/**
 * Event loops and sockets. All sessions share one set of loops, a thread for each processor, made when the first request
 * is sent; the threads are daemons and Reactor knows that they must not block.
 */
record Transport(
        EventLoopGroup loops,
        Supplier<Channel> sockets,
        @Nullable SocketAddress local) {

    private static final int LONGEST_STOP_SECONDS = 2;
    private static final Object CREATING = new Object();
    private static volatile @Nullable Transport shared;

    Transport(EventLoopGroup loops, Supplier<Channel> sockets) {
        this(loops, sockets, null);
    }

    /** On the same loops, with sockets that a session has its own ideas about. */
    Transport with(Sockets settings) {
        if (settings.isPlain()) {
            return this;
        }
        return new Transport(
                loops,
                () -> {
                    Channel made = sockets.get();
                    settings.configure(made);
                    return made;
                },
                settings.local());
    }

    boolean isEpoll() {
        return loops instanceof IoEventLoopGroup group && group.isIoType(EpollIoHandler.class);
    }

    static Transport shared() {
        Transport known = shared;
        return known != null ? known : create();
    }

    private static Transport create() {
        synchronized (CREATING) {
            Transport known = shared;
            if (known == null) {
                known = newTransport();
                shared = known;
            }
            return known;
        }
    }

    private static Transport newTransport() {
        boolean epoll = Epoll.isAvailable();
        IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        int threads = Runtime.getRuntime().availableProcessors();
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(threads, new LoopThreads(), io);
        return new Transport(loops, epoll ? EpollSocketChannel::new : NioSocketChannel::new);
    }

    /** Ends the shared loops and what is open on them; whoever comes later gets new ones. */
    static Mono<Void> stopShared() {
        return Mono.create(sink -> {
            Transport stopped;
            synchronized (CREATING) {
                stopped = shared;
                shared = null;
            }
            if (stopped == null) {
                sink.success();
            } else {
                stopped.loops
                        .shutdownGracefully(0, LONGEST_STOP_SECONDS, TimeUnit.SECONDS)
                        .addListener(ended -> sink.success());
            }
        });
    }

    EventLoop next() {
        return loops.next();
    }

    Channel newChannel() {
        return sockets.get();
    }

    private static final class LoopThreads implements ThreadFactory {
        private final AtomicInteger count = new AtomicInteger();

        @Override
        public Thread newThread(Runnable work) {
            Thread thread = new LoopThread(work, "asyncio4j-http-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        }
    }

    private static final class LoopThread extends FastThreadLocalThread implements NonBlocking {
        LoopThread(Runnable work, String name) {
            super(work, name);
        }
    }
}
