package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.ForeignServer;
import io.github.asyncio4j.testing.NoLeaks;
import io.github.asyncio4j.testing.RawOrigin;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

@ExtendWith(NoLeaks.class)
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class SocketSettingsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    // Short: the name of such a socket may have about a hundred bytes.
    @TempDir
    private Path directory;

    private Path socket() {
        return directory.resolve("s");
    }

    private Closing session() {
        return new Closing(ClientSession.builder()
                .unixSocket(socket())
                .resolver(host -> Mono.error(new AssertionError("looked up " + host)))
                .publicAddressesOnly(true)
                .build());
    }

    /** Answers each request on a Unix socket; the JDK's. */
    private static final class UnixOrigin implements AutoCloseable {
        private final ServerSocketChannel server;
        private final List<String> requests = new CopyOnWriteArrayList<>();
        private final boolean answers;
        private final Thread acceptor;

        UnixOrigin(Path file, boolean answers) throws Exception {
            this.answers = answers;
            server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            server.bind(UnixDomainSocketAddress.of(file));
            acceptor = new Thread(this::accept, "unix-origin");
            acceptor.setDaemon(true);
            acceptor.start();
        }

        private void accept() {
            try {
                while (true) {
                    SocketChannel peer = server.accept();
                    Thread thread = new Thread(() -> serve(peer), "unix-origin-connection");
                    thread.setDaemon(true);
                    thread.start();
                }
            } catch (java.io.IOException e) {
                // closed
            }
        }

        private void serve(SocketChannel peer) {
            try (peer) {
                ByteBuffer bytes = ByteBuffer.allocate(10_000);
                while (peer.read(bytes) >= 0) {
                    String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1);
                    if (text.endsWith("\r\n\r\n")) {
                        requests.add(text);
                        bytes.clear();
                        if (answers) {
                            peer.write(ByteBuffer.wrap(OK.getBytes(StandardCharsets.ISO_8859_1)));
                        }
                    }
                }
            } catch (java.io.IOException e) {
                // the client has gone
            }
        }

        @Override
        public void close() throws Exception {
            server.close();
            acceptor.join(); // until it has left accept(), the system goes on listening
        }
    }

    @Nested
    class AUnixSocket {

        @Test
        void isWhereAllRequestsGoWhateverTheirHost() throws Exception {
            try (UnixOrigin origin = new UnixOrigin(socket(), true);
                    Closing closing = session()) {
                for (String url : List.of("http://docker/version", "http://docker/version", "http://10.0.0.1:81/x")) {
                    assertThat(closing.session.get(url).text().block(PATIENCE)).isEqualTo("ok");
                }
                assertThat(origin.requests).hasSize(3);
                assertThat(origin.requests.get(1)).startsWith("GET /version HTTP/1.1\r\nHost: docker\r\n");
                assertThat(origin.requests.get(2)).startsWith("GET /x HTTP/1.1\r\nHost: 10.0.0.1:81\r\n");
                assertThat(closing.session.statistics().created()).isEqualTo(2);
            }
        }

        @Test
        void thatIsNotThereIsNamed() {
            try (Closing closing = session()) {
                StepVerifier.create(closing.session.get("http://docker/").text())
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOf(ClientConnectException.class)
                                .hasMessageContaining("cannot connect to " + socket())
                                .hasMessageContaining("No such file"))
                        .verify(PATIENCE);
            }
        }

        @Test
        void nobodyListensOnIsNamed() throws Exception {
            new UnixOrigin(socket(), true).close();
            try (Closing closing = session()) {
                StepVerifier.create(closing.session.get("http://docker/").text())
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOf(ClientConnectException.class)
                                .hasMessageContaining(socket() + " (Connection refused"))
                        .verify(PATIENCE);
            }
        }

        @Test
        void isClosedByACancel() throws Exception {
            try (UnixOrigin origin = new UnixOrigin(socket(), false);
                    Closing closing = session()) {
                Disposable running =
                        closing.session.get("http://docker/").text().subscribe();
                while (origin.requests.isEmpty()) {
                    Thread.onSpinWait();
                }
                running.dispose();
                closing.awaitRest();
                assertThat(closing.session.statistics().idle()).isZero();
            }
        }

        @Test
        void isPassedByWhereAProxyIs() throws Exception {
            try (RawOrigin proxy = RawOrigin.answering(OK);
                    Closing closing = new Closing(
                            ClientSession.builder().unixSocket(socket()).build())) {
                assertThat(closing.session
                                .get("http://example.test/")
                                .proxy(proxy.url(""))
                                .text()
                                .block(PATIENCE))
                        .isEqualTo("ok");
            }
        }

        @Test
        void isConfiguredToo() throws Exception {
            List<Channel> seen = new CopyOnWriteArrayList<>();
            try (UnixOrigin origin = new UnixOrigin(socket(), true)) {
                try (Closing closing = new Closing(ClientSession.builder()
                        .unixSocket(socket())
                        .configure(seen::add)
                        .build())) {
                    closing.session.get("http://h/").text().block(PATIENCE);
                    assertThat(seen).hasSize(1);
                }
                try (Closing closing = new Closing(ClientSession.builder()
                        .unixSocket(socket())
                        .configure(channel -> {
                            throw new IllegalStateException("mine");
                        })
                        .build())) {
                    StepVerifier.create(closing.session.get("http://h/").text())
                            .expectErrorSatisfies(e -> assertThat(e)
                                    .isInstanceOf(ClientConnectException.class)
                                    .hasMessageContaining("mine"))
                            .verify(PATIENCE);
                }
            }
        }

        /** Where there is no native transport. */
        @Test
        void isReachedByTheJdkAsWell() throws Exception {
            EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
            try (UnixOrigin origin = new UnixOrigin(socket(), true)) {
                assertThat(new Transport(loops, () -> null).isEpoll()).isFalse();
                CompletableFuture<Channel> connected = new CompletableFuture<>();
                EventLoop loop = loops.next();
                loop.execute(() -> UnixSocket.connect(socket(), false, loop, Sockets.PLAIN, told(connected)));
                connected.get(5, TimeUnit.SECONDS).close().sync();
                CompletableFuture<Channel> failed = new CompletableFuture<>();
                loop.execute(
                        () -> UnixSocket.connect(directory.resolve("none"), false, loop, Sockets.PLAIN, told(failed)));
                assertThat(failed.handle((channel, error) -> error.getMessage()).get(5, TimeUnit.SECONDS))
                        .contains(directory.resolve("none").toString());
            } finally {
                loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
            }
        }

        /** Its other port may be open a moment before. */
        private void awaitListener() throws Exception {
            long until = System.nanoTime() + PATIENCE.toNanos();
            while (true) {
                try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
                    return;
                } catch (java.io.IOException e) {
                    assertThat(System.nanoTime()).isLessThan(until);
                    Thread.onSpinWait();
                }
            }
        }

        private static SocketRace.Result told(CompletableFuture<Channel> future) {
            return new SocketRace.Result() {
                @Override
                public void connected(Channel channel) {
                    future.complete(channel);
                }

                @Override
                public void failed(String failures, @Nullable Throwable first) {
                    future.completeExceptionally(new IllegalStateException(failures));
                }
            };
        }

        @Test
        void ofNginxServesManyAtOnce() throws Exception {
            String nginx = ForeignServer.find("nginx");
            Files.writeString(directory.resolve("page"), "content");
            int port = ForeignServer.freePort();
            Path config = Files.writeString(directory.resolve("nginx.conf"), """
                    daemon off; master_process off; worker_processes 1; pid %1$s/pid; error_log %1$s/error.log crit;
                    events { worker_connections 256; }
                    http {
                      access_log off; client_body_temp_path %1$s/b; proxy_temp_path %1$s/p; fastcgi_temp_path %1$s/f;
                      uwsgi_temp_path %1$s/u; scgi_temp_path %1$s/scgi; root %1$s;
                      server { listen unix:%1$s/s; listen 127.0.0.1:%2$d; }
                    }
                    """.formatted(directory, port));
            try (ForeignServer server =
                            ForeignServer.on(port, nginx, "-c", config.toString(), "-e", directory + "/error.log");
                    Closing closing = session()) {
                awaitListener();
                assertThat(Flux.range(0, 200)
                                .flatMap(i -> closing.session
                                        .get("http://anything/page")
                                        .text())
                                .collectList()
                                .block(PATIENCE))
                        .hasSize(200)
                        .containsOnly("content");
                assertThat(server.port()).isEqualTo(port);
            }
        }
    }

    @Nested
    class TheLocalAddress {

        @Test
        void isWhereConnectionsComeFrom() throws Exception {
            List<String> peers = new CopyOnWriteArrayList<>();
            try (RawOrigin origin = RawOrigin.start(peer -> {
                        peers.add(peer.socket().getInetAddress().getHostAddress());
                        while (peer.readRequest()) {
                            peer.send(OK);
                        }
                    });
                    Closing closing = new Closing(ClientSession.builder()
                            .localAddress(InetAddress.getByName("127.0.0.9"))
                            .build())) {
                closing.session.get(origin.url("/")).text().block(PATIENCE);
                assertThat(peers).containsExactly("127.0.0.9");
            }
        }

        @Test
        void thatIsNotOursFailsTheRequest() throws Exception {
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = new Closing(ClientSession.builder()
                            .localAddress(InetAddress.getByName("192.0.2.1"))
                            .build())) {
                StepVerifier.create(closing.session.get(origin.url("/")).text())
                        .expectError(ClientConnectException.class)
                        .verify(PATIENCE);
            }
        }
    }

    @Nested
    class TheWayToNetty {

        @Test
        void setsOptionsOfEachSocket() {
            List<Channel> seen = new CopyOnWriteArrayList<>();
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = new Closing(ClientSession.builder()
                            .configure(channel -> channel.config().setOption(ChannelOption.SO_KEEPALIVE, true))
                            .configure(seen::add)
                            .build())) {
                closing.session.get(origin.url("/")).text().repeat(2).blockLast(PATIENCE);
                assertThat(seen).hasSize(1);
                assertThat(seen.get(0).config().getOption(ChannelOption.SO_KEEPALIVE))
                        .isTrue();
            }
        }

        @Test
        void failsTheRequestWithWhatItThrows() {
            try (RawOrigin origin = RawOrigin.answering(OK);
                    Closing closing = new Closing(ClientSession.builder()
                            .configure(channel -> {
                                throw new IllegalStateException("mine");
                            })
                            .build())) {
                StepVerifier.create(closing.session.get(origin.url("/")).text())
                        .expectErrorSatisfies(e -> assertThat(e)
                                .isInstanceOf(ClientConnectException.class)
                                .hasMessageContaining("mine"))
                        .verify(PATIENCE);
            }
        }
    }
}
