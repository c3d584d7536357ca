package io.github.asyncio4j.http;

import java.util.List;
import java.util.Optional;

/**
 * Header fields in the order they came. Names compare without regard to case; fields of the same name are kept apart.
 *
 * <p>{@code toString} masks the values of fields that carry secrets ({@code Authorization}, {@code Cookie} and their
 * kin). aiohttp's twin is {@code CIMultiDictProxy}.
 *
 * <pre>{@code
 * Mono<Optional<String>> etag =
 *         session.get(url).use(response -> Mono.just(response.headers().first("ETag")));
 * }</pre>
 */
public interface Headers {

    /** The first value of that name. */
    Optional<String> first(String name);

    /** All values of that name, in order; empty when there is none. */
    List<String> all(String name);

    /** True when there is a field of that name. */
    boolean contains(String name);

    /** Every name once, as first written, in order. */
    List<String> names();
}
