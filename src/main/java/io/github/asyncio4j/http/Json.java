package io.github.asyncio4j.http;

import java.io.IOException;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/** JSON by Jackson, which is an optional dependency: what stands between it and those who do without. */
final class Json {

    private static final String MISSING =
            "json needs com.fasterxml.jackson.core:jackson-databind on the class path; add it as a dependency";

    private Json() {}

    /** @throws IllegalArgumentException when the value has no JSON */
    static byte[] write(@Nullable Object value) {
        try {
            return Jackson.write(value);
        } catch (NoClassDefFoundError e) {
            throw new IllegalStateException(MISSING, e);
        }
    }

    /** The same for people to read. */
    static byte[] writePretty(Object value) {
        try {
            return Jackson.writePretty(value);
        } catch (NoClassDefFoundError e) {
            throw new IllegalStateException(MISSING, e);
        }
    }

    /** What is wrong with {@code type}, or with the class path, {@link #read} says. */
    static void prepare(Type type) {
        try {
            Jackson.prepare(type);
        } catch (NoClassDefFoundError | RuntimeException e) {
            return;
        }
    }

    /** @throws IOException with a message that shows nothing of the content */
    static <T> @Nullable T read(byte[] content, Type type) throws IOException {
        try {
            return Jackson.read(content, type);
        } catch (NoClassDefFoundError e) {
            throw new IllegalStateException(MISSING, e);
        }
    }
}
