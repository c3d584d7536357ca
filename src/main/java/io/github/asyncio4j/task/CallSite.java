package io.github.asyncio4j.task;

import java.lang.StackWalker.StackFrame;
import java.security.CodeSource;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where user code called into this library, for debug mode. */
final class CallSite {

    private static final int FRAMES = 10;
    private static final String OURS = "io.github.asyncio4j.";

    private static final StackWalker WALKER = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    private static final @Nullable CodeSource HERE =
            CallSite.class.getProtectionDomain().getCodeSource();

    private CallSite() {}

    /** The frames from the caller of this library outwards, one on a line. */
    static String here() {
        return WALKER.walk(frames -> print(frames.dropWhile(CallSite::isInside)));
    }

    /**
     * The same, if the assembly that is under way was asked for by a method of ours which user code had called directly;
     * null for the assemblies of user code itself, and for those of our operators at work.
     */
    static @Nullable String ofOurCaller() {
        return WALKER.walk(frames -> {
            List<StackFrame> outwards = frames.dropWhile(frame -> isReactor(frame) || isDebug(frame))
                    .limit(40)
                    .toList();
            int user = 0;
            while (user < outwards.size() && isOurs(outwards.get(user))) {
                user++;
            }
            boolean direct = user > 0 && user < outwards.size() && !isReactor(outwards.get(user));
            return direct ? print(outwards.stream().skip(user)) : null;
        });
    }

    private static String print(Stream<StackFrame> frames) {
        return frames.limit(FRAMES).map(frame -> "at " + frame).collect(Collectors.joining("\n"));
    }

    private static boolean isInside(StackFrame frame) {
        return isReactor(frame) || isOurs(frame);
    }

    private static boolean isDebug(StackFrame frame) {
        Class<?> type = frame.getDeclaringClass();
        return type == CallSite.class || type == DebugHooks.class;
    }

    private static boolean isReactor(StackFrame frame) {
        return frame.getClassName().startsWith("reactor.");
    }

    /** Recipes and the command line tool are users like all others, and so are tests. */
    private static boolean isOurs(StackFrame frame) {
        String name = frame.getClassName();
        return name.startsWith(OURS)
                && !name.startsWith(OURS + "recipes.")
                && !name.startsWith(OURS + "cli.")
                && Objects.equals(location(frame.getDeclaringClass()), HERE == null ? null : HERE.getLocation());
    }

    private static @Nullable Object location(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        return source == null ? null : source.getLocation();
    }
}
