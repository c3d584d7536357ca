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
