package io.github.asyncio4j.http;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;

/**
 * A generic type as a value, for {@code json}: {@code new TypeRef<List<User>>() {}}. The braces make a subclass, and a
 * subclass remembers its type argument.
 *
 * <pre>{@code
 * Mono<List<String>> names = session.get(url).json(new TypeRef<List<String>>() {});
 * }</pre>
 *
 * <p>Jackson's {@code TypeReference}, without Jackson.
 *
 * <p>aiohttp's {@code json()} gives dicts and lists of no declared type.
 *
 * @param <T> the type
 */
public abstract class TypeRef<T> {

    private final Type type;

    /** Remembers the type argument of the subclass. */
    protected TypeRef() {
        if (!(getClass().getGenericSuperclass() instanceof ParameterizedType superclass)) {
            throw new IllegalArgumentException("write new TypeRef<TheType>() {}, with its type argument");
        }
        this.type = superclass.getActualTypeArguments()[0];
    }

    /** The type. */
    public final Type type() {
        return type;
    }
}
