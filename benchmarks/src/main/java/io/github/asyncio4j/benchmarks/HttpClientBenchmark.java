package io.github.asyncio4j.benchmarks;

import io.github.asyncio4j.http.ClientSession;
import io.github.asyncio4j.http.ConnectionLimits;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
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
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

/**
 * Small GETs over connections that are kept alive, so many at the same time. The origin is a thread of this process that
 * answers each read with the same bytes, which costs next to nothing beside any client; it shares the processors all the
 * same, so what counts is the ratio.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 8, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class HttpClientBenchmark {

    private static final int REQUESTS = 2_000;

    private static final String RESPONSE = """
            HTTP/1.1 200 OK\r
            Server: nginx\r
            Date: Sat, 21 Nov 2026 04:00:00 GMT\r
            Content-Type: text/plain\r
            Content-Length: 5\r
            Last-Modified: Sat, 21 Nov 2026 03:00:00 GMT\r
            Connection: keep-alive\r
            ETag: "5f-abc"\r
            Accept-Ranges: bytes\r
            \r
            hello""";

    @Param({"10", "64", "256"})
    private int concurrency;

    private EventLoopGroup originLoops;
    private ClientSession session;
    private ConnectionProvider connections;
    private Mono<String> ours;
    private Mono<String> reactorNetty;
    private Mono<String> jdk;

    @Setup
    public void start() throws InterruptedException {
        originLoops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        Channel origin = new ServerBootstrap()
                .group(originLoops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new Answer());
                    }
                })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
        String url = "http://127.0.0.1:" + ((InetSocketAddress) origin.localAddress()).getPort() + "/";
        session = ClientSession.builder()
                .limits(ConnectionLimits.defaults().withTotal(concurrency))
                .build();
        ours = session.get(url).text();
        connections = ConnectionProvider.builder("tuned")
                .maxConnections(2 * concurrency + 16)
                .build();
        reactorNetty = HttpClient.create(connections)
                .get()
                .uri(URI.create(url))
                .responseContent()
                .aggregate()
                .asString();
        java.net.http.HttpClient client = java.net.http.HttpClient.newHttpClient();
        HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
        jdk = Mono.fromFuture(() -> client.sendAsync(request, HttpResponse.BodyHandlers.ofString()))
                .map(HttpResponse::body);
    }

    @TearDown
    public void stop() {
        session.close().block();
        connections.dispose();
        originLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public Long clientSession() {
        return all(ours);
    }

    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public Long reactorNettyHttpClient() {
        return all(reactorNetty);
    }

    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public Long jdkHttpClient() {
        return all(jdk);
    }

    private Long all(Mono<String> request) {
        return Flux.range(0, REQUESTS)
                .flatMap(i -> request, concurrency)
                .count()
                .block();
    }

    private static final class Answer extends ChannelInboundHandlerAdapter {
        private final ByteBuf response =
                Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(RESPONSE.getBytes(StandardCharsets.ISO_8859_1)));

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ((ByteBuf) message).release();
            context.writeAndFlush(response.duplicate(), context.voidPromise());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
