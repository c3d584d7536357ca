package io.github.asyncio4j.http;

import java.util.List;

/** A jar that keeps nothing. */
final class NoCookies implements CookieJar {

    static final NoCookies INSTANCE = new NoCookies();

    private NoCookies() {}

    @Override
    public List<Cookie> all() {
        return List.of();
    }

    @Override
    public void clear() {}
}
