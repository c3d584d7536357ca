package io.github.asyncio4j.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A network that fails. It passes bytes on between its callers and one server, and now and then delays them, throttles
 * them to a trickle, closes, resets, leaves out the end of a piece, or says a piece of an answer twice.
 *
 * <p>What it does follows from its seed and the number of the connection, as far as the threads allow.
 */
public final class ChaosProxy implements AutoCloseable {

    private final ServerSocket listener;
    private final int target;
    private final long seed;
    private final int oneIn;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicLong connections = new AtomicLong();
    private final AtomicLong faults = new AtomicLong();

    private ChaosProxy(int target, long seed, int oneIn) throws IOException {
        this.listener = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
        this.target = target;
        this.seed = seed;
        this.oneIn = oneIn;
        daemon(this::accept, "chaos-proxy");
    }

    /** In front of {@code target}, with a fault in one of {@code oneIn} pieces. */
    public static ChaosProxy to(int target, long seed, int oneIn) {
        try {
            return new ChaosProxy(target, seed, oneIn);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String url(String path) {
        return "http://127.0.0.1:" + listener.getLocalPort() + path;
    }

    /** How often it has done harm. */
    public long faults() {
        return faults.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket near = listener.accept();
                long number = connections.incrementAndGet();
                sockets.add(near);
                Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.add(far);
                near.setTcpNoDelay(true);
                far.setTcpNoDelay(true);
                daemon(() -> pass(near, far, new Random(seed + 2 * number), false), "chaos-request");
                daemon(() -> pass(far, near, new Random(seed + 2 * number + 1), true), "chaos-response");
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void pass(Socket from, Socket to, Random random, boolean answers) {
        byte[] piece = new byte[8192];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            int length;
            while ((length = in.read(piece)) >= 0) {
                if (random.nextInt(oneIn) > 0) {
                    out.write(piece, 0, length);
                } else {
                    faults.incrementAndGet();
                    harm(out, Arrays.copyOf(piece, length), from, to, random, answers);
                }
            }
        } catch (IOException e) {
            // one side has gone, and the other goes with it
        } finally {
            end(from);
            end(to);
        }
    }

    private static void harm(OutputStream out, byte[] piece, Socket from, Socket to, Random random, boolean answers)
            throws IOException {
        int cut = random.nextInt(piece.length);
        switch (random.nextInt(answers ? 6 : 5)) {
            case 0 -> {
                LockSupport.parkNanos(random.nextInt(5_000_000));
                out.write(piece);
            }
            case 1 -> {
                for (int at = 0; at < piece.length; at += 7) {
                    out.write(piece, at, Math.min(7, piece.length - at));
                    LockSupport.parkNanos(50_000);
                }
            }
            case 2 -> {
                out.write(piece, 0, cut);
                throw new IOException("cut");
            }
            case 3 -> {
                out.write(piece, 0, cut);
                to.setSoLinger(true, 0);
                from.setSoLinger(true, 0);
                throw new IOException("reset");
            }
            case 4 -> out.write(piece, 0, cut);
            default -> {
                byte[] twice = Arrays.copyOf(piece, 2 * piece.length);
                System.arraycopy(piece, 0, twice, piece.length, piece.length);
                out.write(twice); // at once: an answer that comes when the next one is due cannot be told from it
            }
        }
    }

    private void end(Socket socket) {
        sockets.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            // closed
        }
    }

    private static void daemon(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        sockets.forEach(this::end);
    }
}
