package io.github.asyncio4j.recipes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.asyncio4j.resource.AsyncResource;
import io.github.asyncio4j.task.Tasks;
import io.github.asyncio4j.testing.NaiveTwin;
import io.github.asyncio4j.testing.Recipe;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.pool.ConnectionPoolConfiguration;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.Statement;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** The course's asyncpg chapter: a pool, a connection, a query, and everything closed in the end. */
class SqlTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private record User(int id, String email) {}

    private static AsyncResource<ConnectionPool> pool(String url) {
        return AsyncResource.of(
                Mono.fromSupplier(
                        () -> new ConnectionPool(ConnectionPoolConfiguration.builder(ConnectionFactories.get(url))
                                .initialSize(0)
                                .maxSize(4)
                                .build())),
                ConnectionPool::disposeLater);
    }

    private static AsyncResource<Connection> connection(ConnectionPool pool) {
        return AsyncResource.of(pool.create(), connection -> Mono.from(connection.close()));
    }

    private static Mono<Void> schema(Connection connection) {
        return Flux.just(
                        "CREATE TABLE users (id INT PRIMARY KEY, email VARCHAR(100))",
                        "INSERT INTO users VALUES (1, 'ann@example.org'), (2, 'bob@example.org')")
                .concatMap(sql -> Mono.from(connection.createStatement(sql).execute())
                        .flatMap(result -> Mono.from(result.getRowsUpdated())))
                .then();
    }

    private static Mono<User> byEmail(ConnectionPool pool, String email) {
        return connection(pool).use(connection -> {
            Statement query = connection
                    .createStatement("SELECT id, email FROM users WHERE email = $1")
                    .bind(0, email);
            return Mono.from(query.execute())
                    .flatMap(result -> Mono.from(result.map(
                            (row, meta) -> new User(row.get("id", Integer.class), row.get("email", String.class)))));
        });
    }

    private static void askedByEmailAndClosed(String url) {
        ConnectionPool[] kept = new ConnectionPool[1];
        StepVerifier.create(pool(url).use(pool -> {
                    kept[0] = pool;
                    return connection(pool)
                            .use(SqlTest::schema)
                            .then(Tasks.gather(
                                    List.of(byEmail(pool, "bob@example.org"), byEmail(pool, "ann@example.org"))))
                            .zipWith(byEmail(pool, "nobody' OR '1'='1").singleOptional())
                            .doOnNext(found -> assertThat(
                                            pool.getMetrics().orElseThrow().acquiredSize())
                                    .isZero());
                }))
                .assertNext(found -> {
                    assertThat(found.getT1())
                            .containsExactly(new User(2, "bob@example.org"), new User(1, "ann@example.org"));
                    assertThat(found.getT2()).isEmpty();
                })
                .expectComplete()
                .verify(LIMIT);
        assertThat(kept[0].isDisposed()).isTrue();
    }

    private static String h2() {
        return "r2dbc:h2:mem:///" + UUID.randomUUID() + "?options=DB_CLOSE_DELAY=-1";
    }

    @Test
    @Recipe(
            row = "39",
            value = "Open a pool, find a user by e-mail, close: R2DBC on H2, and the same code on PostgreSQL.")
    void onH2() {
        askedByEmailAndClosed(h2());
    }

    @Test
    @Tag("slow")
    @Recipe(row = "39", value = "The same code on PostgreSQL.")
    void onPostgreSql() throws IOException {
        assumeTrue(
                System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux")
                        && System.getProperty("os.arch").equals("amd64"),
                "the embedded PostgreSQL here is for Linux on amd64");
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().start()) {
            askedByEmailAndClosed("r2dbc:postgresql://postgres@127.0.0.1:" + postgres.getPort() + "/postgres");
        }
    }

    @Test
    @NaiveTwin(
            row = "39",
            value = "A connection that is closed in the happy path only: after four failures the pool is empty.")
    void closedInTheHappyPathOnly() {
        StepVerifier.create(pool(h2()).use(pool -> {
                    Mono<Void> query = pool.create()
                            .flatMap(connection -> Mono.from(connection
                                            .createStatement("SELECT nonsense")
                                            .execute())
                                    .then(Mono.from(connection.close())));
                    return Tasks.gatherSettled(List.of(query, query, query, query))
                            .then(Mono.fromSupplier(
                                    () -> pool.getMetrics().orElseThrow().acquiredSize()));
                }))
                .expectNext(4)
                .expectComplete()
                .verify(LIMIT);
    }
}
