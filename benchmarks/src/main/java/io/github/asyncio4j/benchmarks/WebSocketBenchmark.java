package io.github.asyncio4j.benchmarks;

import io.github.asyncio4j.http.ClientSession;
import io.github.asyncio4j.http.ConnectionLimits;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import reactor.core.publisher.Mono;

/**
 * Round trips of messages on open WebSockets: each sends its next message when the last one has come back. The server is
 * Netty's, on a thread of this process, so what counts is the ratio.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class WebSocketBenchmark {

    private static final int TRIPS = 2_000;
    private static final int LARGEST = 1 << 20;

    @Param({"1", "100"})
    private int sockets;

    @Param({"125", "16384"})
    private int bytes;

    private EventLoopGroup serverLoops;
    private ClientSession session;
    private List<Conversation> ours;
    private List<Conversation> reactorNetty;
    private List<Conversation> jdk;

    /** One WebSocket. All but the beginning happens on its event loop. */
    private static final class Conversation {
        private final CountDownLatch open = new CountDownLatch(1);
        private volatile Runnable send;
        private int left;
        private CountDownLatch done;

        void opened(Runnable sender) {
            send = sender;
            open.countDown();
        }

        void begin(int trips, CountDownLatch whenDone) {
            left = trips;
            done = whenDone;
            send.run();
        }

        void arrived() {
            if (--left > 0) {
                send.run();
            } else {
                done.countDown();
            }
        }
    }

    @Setup
    public void start() throws InterruptedException {
        serverLoops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        Channel server = new ServerBootstrap()
                .group(serverLoops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(
                                        new HttpServerCodec(),
                                        new HttpObjectAggregator(8_192),
                                        new WebSocketServerProtocolHandler("/", null, false, LARGEST),
                                        new Echo());
                    }
                })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
        String url = "ws://127.0.0.1:" + ((InetSocketAddress) server.localAddress()).getPort() + "/";
        session = ClientSession.builder()
                .limits(ConnectionLimits.defaults().withTotal(0))
                .build();
        ours = conversations(conversation -> session.webSocket(url)
                .useMany(socket -> {
                    ByteBuffer message = ByteBuffer.wrap(new byte[bytes]);
                    conversation.opened(() -> socket.send(message).subscribe());
                    return socket.receiveBinary();
                })
                .subscribe(message -> conversation.arrived(), end -> {}));
        reactorNetty = conversations(conversation -> reactor.netty.http.client.HttpClient.create()
                .websocket()
                .uri(url)
                .handle((in, out) -> {
                    byte[] message = new byte[bytes];
                    conversation.opened(() -> out.sendObject(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(message)))
                            .then()
                            .subscribe());
                    return in.receive()
                            .doOnNext(content -> conversation.arrived())
                            .then();
                })
                .subscribe(end -> {}, end -> {}));
        HttpClient client = HttpClient.newHttpClient();
        jdk = conversations(conversation ->
                client.newWebSocketBuilder().buildAsync(URI.create(url), new Listener(conversation, bytes)));
    }

    private List<Conversation> conversations(Consumer<Conversation> opening) throws InterruptedException {
        List<Conversation> all = new ArrayList<>();
        for (int i = 0; i < sockets; i++) {
            Conversation conversation = new Conversation();
            all.add(conversation);
            opening.accept(conversation);
            if (!conversation.open.await(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException("not open after ten seconds");
            }
        }
        return all;
    }

    @TearDown
    public void stop() {
        session.close().onErrorResume(e -> Mono.empty()).block();
        serverLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Benchmark
    @OperationsPerInvocation(TRIPS)
    public int clientSession() throws InterruptedException {
        return all(ours);
    }

    @Benchmark
    @OperationsPerInvocation(TRIPS)
    public int reactorNettyHttpClient() throws InterruptedException {
        return all(reactorNetty);
    }

    @Benchmark
    @OperationsPerInvocation(TRIPS)
    public int jdkHttpClient() throws InterruptedException {
        return all(jdk);
    }

    private static int all(List<Conversation> conversations) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(conversations.size());
        conversations.forEach(conversation -> conversation.begin(TRIPS / conversations.size(), done));
        if (!done.await(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("a message did not come back");
        }
        return TRIPS;
    }

    private static final class Listener implements java.net.http.WebSocket.Listener {
        private final Conversation conversation;
        private final byte[] message;

        Listener(Conversation conversation, int bytes) {
            this.conversation = conversation;
            this.message = new byte[bytes];
        }

        @Override
        public void onOpen(java.net.http.WebSocket socket) {
            conversation.opened(() -> send(socket));
            socket.request(Long.MAX_VALUE);
        }

        /** An answer may overtake the news that its message is sent, and before that the JDK takes no other one. */
        private void send(java.net.http.WebSocket socket) {
            CompletableFuture<java.net.http.WebSocket> sent;
            do {
                sent = socket.sendBinary(ByteBuffer.wrap(message), true);
            } while (sent.isCompletedExceptionally() && !socket.isOutputClosed());
        }

        @Override
        public CompletionStage<?> onBinary(java.net.http.WebSocket socket, ByteBuffer data, boolean last) {
            if (last) {
                conversation.arrived();
            }
            return null;
        }
    }

    private static final class Echo extends SimpleChannelInboundHandler<BinaryWebSocketFrame> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, BinaryWebSocketFrame frame) {
            context.writeAndFlush(frame.retain(), context.voidPromise());
        }
    }
}
