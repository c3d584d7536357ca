package io.github.asyncio4j.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/** JSON by Jackson, which is an optional dependency: this is the only class that knows it, loaded when JSON is used. */
final class Json {

    private static final String MISSING =
            "json needs com.fasterxml.jackson.core:jackson-databind on the class path; add it as a dependency";

    private Json() {}

    static byte[] write(@Nullable Object value) {
        try {
            return Mapper.INSTANCE.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("cannot be written as JSON: " + e.getOriginalMessage(), e);
        } catch (NoClassDefFoundError e) {
            throw new IllegalStateException(MISSING, e);
        }
    }

    static <T> T read(byte[] content, Type type) throws IOException {
        try {
            return Mapper.INSTANCE.readValue(content, Mapper.INSTANCE.constructType(type));
        } catch (NoClassDefFoundError e) {
            throw new IllegalStateException(MISSING, e);
        }
    }

    private static final class Mapper {
        static final ObjectMapper INSTANCE =
                new ObjectMapper().findAndRegisterModules().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    }
}
