package io.github.asyncio4j.resource;

import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What the Javadoc of this package shows, for the compiler. {@code DocumentationTest} compares. */
@SuppressWarnings("unused")
final class DocumentationSamples {

    private DocumentationSamples() {}

    interface Pool {
        Mono<Connection> acquire();
    }

    interface Connection {
        Mono<Integer> execute(String sql);

        Mono<Transaction> begin();

        Mono<Void> release();
    }

    interface Transaction {
        Mono<Void> commit();

        Mono<Void> rollback();
    }

    record Report(int shards) {}

    private static AsyncResource<Connection> connectionTo(String shard) {
        return AsyncResource.of(Mono.error(new IllegalStateException(shard)), Connection::release);
    }

    private static Mono<Report> query(List<Connection> connections) {
        return Mono.just(new Report(connections.size()));
    }

    void asyncExitStack(List<String> shards) {
        // region asyncExitStack
        Mono<Report> report = AsyncExitStack.using(stack -> Flux.fromIterable(shards)
                .concatMap(shard -> stack.enter(connectionTo(shard)))
                .collectList()
                .flatMap(connections -> query(connections)));
        // endregion
    }

    void asyncResource(Pool pool, String sql) {
        // region asyncResource
        AsyncResource<Connection> connection =
                AsyncResource.of(pool.acquire(), Connection::release).named("orders db");

        Mono<Integer> rows = connection.use(c -> c.execute(sql));

        AsyncResource<Transaction> transaction = connection.flatMap(
                c -> AsyncResource.of(c.begin(), (tx, exit) -> exit.isCompleted() ? tx.commit() : tx.rollback()));
        // endregion
    }
}
