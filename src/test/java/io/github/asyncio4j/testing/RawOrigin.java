package io.github.asyncio4j.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import javax.net.ServerSocketFactory;

/** A server on a bare socket, for bytes that no good server sends. Each connection runs the script on its own thread. */
public final class RawOrigin implements AutoCloseable {

    private final ServerSocket server;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger accepted = new AtomicInteger();
    private final Thread acceptor;

    /** What a connection does. */
    @FunctionalInterface
    public interface Script {
        void run(Peer peer) throws Exception;
    }

    private RawOrigin(InetAddress address, int port, Script script) throws IOException {
        this(new ServerSocket(port, 1024, address), script);
    }

    private RawOrigin(ServerSocket socket, Script script) {
        server = socket;
        acceptor = new Thread(() -> accept(script), "raw-origin");
        acceptor.setDaemon(true);
        acceptor.start();
    }

    public static RawOrigin start(Script script) {
        try {
            return new RawOrigin(InetAddress.getLoopbackAddress(), 0, script);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The same with sockets of another kind, TLS for one. */
    public static RawOrigin start(ServerSocketFactory sockets, Script script) {
        try {
            return new RawOrigin(sockets.createServerSocket(0, 1024, InetAddress.getLoopbackAddress()), script);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Answers each request on each connection with these bytes. */
    public static RawOrigin answering(String response) {
        return start(peer -> {
            while (peer.readRequest()) {
                peer.send(response);
            }
        });
    }

    /** The same on an address and a port of the caller's choice. */
    public static RawOrigin on(String address, int port, String response) throws IOException {
        return new RawOrigin(InetAddress.getByName(address), port, peer -> {
            while (peer.readRequest()) {
                peer.send(response);
            }
        });
    }

    /** The same, and closes after the first answer. */
    public static RawOrigin answeringOnce(String response) {
        return start(peer -> {
            peer.readRequest();
            peer.send(response);
        });
    }

    public int port() {
        return server.getLocalPort();
    }

    public String url(String path) {
        return "http://127.0.0.1:" + port() + path;
    }

    /** Heads of the requests so far, with their bodies as far as a Content-Length declares them. */
    public List<String> requests() {
        return requests;
    }

    public int accepted() {
        return accepted.get();
    }

    public int open() {
        return open.get();
    }

    /** Waits until that many connections are open. */
    public void awaitOpen(int count) {
        await(open::get, count, "connections are open");
    }

    /** Waits until that many requests have been read. */
    public void awaitRequests(int count) {
        await(requests::size, count, "requests were read");
    }

    private static void await(IntSupplier actual, int count, String what) {
        long until = System.nanoTime() + 5_000_000_000L;
        while (actual.getAsInt() != count) {
            if (System.nanoTime() - until > 0) {
                throw new AssertionError(actual.getAsInt() + " " + what + " instead of " + count);
            }
            Thread.yield();
        }
    }

    private void accept(Script script) {
        try {
            while (true) {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                sockets.add(socket);
                accepted.incrementAndGet();
                open.incrementAndGet();
                Thread thread = new Thread(() -> serve(script, socket), "raw-origin-connection");
                thread.setDaemon(true);
                thread.start();
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Script script, Socket socket) {
        try (socket) {
            script.run(new Peer(socket));
        } catch (Exception e) {
            // the client has gone, or the test is over
        } finally {
            open.decrementAndGet();
        }
    }

    @Override
    public void close() {
        try {
            server.close();
            // Until it has left accept(), the system goes on listening: whoever comes next would still be let in.
            acceptor.join();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One connection. */
    public final class Peer {
        private final Socket socket;
        private final InputStream in;
        private final OutputStream out;
        private String last = "";

        Peer(Socket socket) throws IOException {
            this.socket = socket;
            this.in = new BufferedInputStream(socket.getInputStream());
            this.out = socket.getOutputStream();
        }

        /** Reads a request with its body; false at the end of the stream. */
        public boolean readRequest() throws IOException {
            String head = readHead();
            if (head.isEmpty()) {
                return false;
            }
            int length = 0;
            for (String line : head.split("\r\n")) {
                if (line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:")) {
                    length = Integer.parseInt(line.substring(15).trim());
                }
            }
            byte[] body = in.readNBytes(length);
            last = head + new String(body, StandardCharsets.ISO_8859_1);
            requests.add(last);
            return true;
        }

        /** Reads a head and leaves the body; empty at the end of the stream. */
        public String readHead() throws IOException {
            StringBuilder head = new StringBuilder();
            while (head.length() < 4 || head.lastIndexOf("\r\n\r\n") != head.length() - 4) {
                int c = in.read();
                if (c < 0) {
                    return "";
                }
                head.append((char) c);
            }
            return head.toString();
        }

        /** What {@link #readRequest} has read. */
        public String lastRequest() {
            return last;
        }

        public Peer send(String latin1) throws IOException {
            return send(latin1.getBytes(StandardCharsets.ISO_8859_1));
        }

        public Peer send(byte[] bytes) throws IOException {
            out.write(bytes);
            out.flush();
            return this;
        }

        public int read() throws IOException {
            return in.read();
        }

        public byte[] readNBytes(int n) throws IOException {
            return in.readNBytes(n);
        }

        /** Blocks until the client closes. */
        public void awaitClose() throws IOException {
            while (in.read() >= 0) {
                continue;
            }
        }

        public void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }

        public Socket socket() {
            return socket;
        }
    }
}
