package io.github.asyncio4j.cli;

import io.github.asyncio4j.http.ClientSession;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The three streams of a run. Data goes to standard output and nothing else does; everything for the person in front
 * goes to standard error.
 */
final class Terminal {

    private final InputStream in;
    private final OutputStream out;
    private final PrintStream err;
    private final boolean interactive;
    private final boolean ofProcess;
    private @Nullable Thread exit;
    private volatile @Nullable Runnable lastAction;

    Terminal(InputStream in, OutputStream out, PrintStream err, boolean interactive) {
        this(in, out, err, interactive, false);
    }

    private Terminal(InputStream in, OutputStream out, PrintStream err, boolean interactive, boolean ofProcess) {
        this.in = in;
        this.out = out;
        this.err = err;
        this.interactive = interactive;
        this.ofProcess = ofProcess;
    }

    static Terminal ofProcess() {
        // System.out swallows errors: a closed pipe or a full disk would look like success.
        OutputStream out = new FileOutputStream(FileDescriptor.out);
        return new Terminal(System.in, out, System.err, isTerminal(), true);
    }

    /** System.console() wants all three streams on a terminal; progress needs standard error alone. */
    private static boolean isTerminal() {
        if ("dumb".equals(System.getenv("TERM"))) {
            return false;
        }
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException | UnsupportedOperationException notLinux) {
            return hasConsole();
        }
    }

    @SuppressWarnings("SystemConsoleNull") // null up to Java 21; later there is one without a terminal too
    private static boolean hasConsole() {
        Console console = System.console();
        try {
            return console != null
                    && (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException before22) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    InputStream in() {
        return in;
    }

    OutputStream out() {
        return out;
    }

    PrintStream err() {
        return err;
    }

    /** At the end of a run that ends the process: a JVM that exits waits 300 ms for threads that poll sockets. */
    void stopClientThreads() {
        if (ofProcess) {
            ClientSession.stopThreads().block();
        }
    }

    /**
     * What has to happen before the process ends, however that comes; null: nothing any more. One at a time, and nothing
     * where the process is not this tool's.
     */
    synchronized void atExit(@Nullable Runnable action) {
        if (!ofProcess) {
            return;
        }
        if (exit == null && action != null) {
            exit = new Thread(this::exit, "terminal");
            try {
                Runtime.getRuntime().addShutdownHook(exit);
            } catch (IllegalStateException alreadyEnding) {
                // Then the summary is being printed, which gives the terminal back.
            }
        }
        lastAction = action;
    }

    private void exit() {
        Runnable action = lastAction;
        if (action != null) {
            action.run();
        }
    }

    /** Whether someone watches standard error. */
    boolean interactive() {
        return interactive;
    }

    /** One line for the person in front. */
    void say(String line) {
        err.println(line);
        err.flush();
    }

    /** Writes data to standard output. */
    void print(String data) throws IOException {
        try {
            out.write(data.getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            throw new IOException("cannot write to standard output: " + e.getMessage(), e);
        }
    }
}
