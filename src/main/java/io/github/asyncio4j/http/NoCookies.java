package io.github.asyncio4j.http;

import io.github.asyncio4j.internal.Checks;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import reactor.core.publisher.Mono;

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

    @Override
    public void clear(Predicate<? super Cookie> which) {
        Checks.notNull(which, "which");
    }

    @Override
    public Mono<Void> save(Path file) {
        return nothing(file);
    }

    @Override
    public Mono<Void> load(Path file) {
        return nothing(file);
    }

    private static Mono<Void> nothing(Path file) {
        Checks.notNull(file, "file");
        return Mono.error(
                () -> new IllegalStateException("this jar keeps no cookies: there is nothing to save or load"));
    }
}
