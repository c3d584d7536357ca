package io.github.asyncio4j.cli;

/** What the process tells its caller. */
final class ExitCode {

    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int MISSED = 3;
    static final int INTERRUPTED = 130;

    private ExitCode() {}
}
