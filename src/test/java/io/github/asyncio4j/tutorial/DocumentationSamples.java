package io.github.asyncio4j.tutorial;

import io.github.asyncio4j.http.ClientException;
import io.github.asyncio4j.http.ClientSession;
import io.github.asyncio4j.http.ClientTimeout;
import io.github.asyncio4j.http.ConnectionLimits;
import io.github.asyncio4j.http.CookieJar;
import io.github.asyncio4j.http.Resolver;
import io.github.asyncio4j.http.TypeRef;
import io.github.asyncio4j.resource.AsyncResource;
import io.github.asyncio4j.sync.AcquireTimeoutException;
import io.github.asyncio4j.sync.AsyncSemaphore;
import io.github.asyncio4j.task.ReturnWhen;
import io.github.asyncio4j.task.Task;
import io.github.asyncio4j.task.TaskCancelledException;
import io.github.asyncio4j.task.TaskGroup;
import io.github.asyncio4j.task.TaskGroupException;
import io.github.asyncio4j.task.TaskTree;
import io.github.asyncio4j.task.Tasks;
import io.github.asyncio4j.thread.OnCancel;
import io.github.asyncio4j.thread.Threads;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/** Code that the Javadoc of small types shows; it is compiled, not run. */
final class DocumentationSamples {

    interface Transaction {
        Mono<Void> commit();

        Mono<Void> rollback();
    }

    void sessions(ClientSession session, String url) {
        // region typeRef
        Mono<List<String>> names = session.get(url).json(new TypeRef<List<String>>() {});
        // endregion
        // region clientResponse
        Mono<String> text =
                session.get(url).use(response -> response.raiseForStatus().text());
        // endregion
        // region clientException
        Mono<String> orElse = session.get(url).text().onErrorReturn(ClientException.class, "not to be had");
        // endregion
    }

    void options() {
        // region connectionLimits
        ClientSession polite = ClientSession.builder()
                .limits(ConnectionLimits.defaults().withPerHost(6))
                .build();
        // endregion
        // region clientTimeout
        ClientSession strict = ClientSession.builder()
                .timeout(ClientTimeout.strict().withTotal(Duration.ofSeconds(10)))
                .build();
        // endregion
        // region cookieJar
        ClientSession forgetful =
                ClientSession.builder().cookieJar(CookieJar.disabled()).build();
        // endregion
        // region resolver
        Resolver local = host -> Mono.just(List.of(InetAddress.getLoopbackAddress()));
        // endregion
    }

    void tasks(
            List<Mono<String>> requests,
            List<Task<String>> tasks,
            Task<String> task,
            Function<TaskGroup, Mono<String>> body) {
        // region completion
        Tasks.asCompleted(requests)
                .map(completion -> completion.index() + ": " + completion.outcome())
                .subscribe(System.out::println);
        // endregion
        // region waitResult
        Mono<Void> firstOnly = Tasks.waitUntil(ReturnWhen.FIRST_COMPLETED, tasks)
                .doOnNext(result -> result.pending().forEach(Task::cancel))
                .then();
        // endregion
        // region taskTree
        System.err.println(TaskTree.dump());
        // endregion
        // region taskCancelled
        Mono<String> ifNotCancelled =
                task.await().onErrorResume(TaskCancelledException.class, cancelled -> Mono.empty());
        // endregion
        // region taskGroupException
        Mono<String> all = TaskGroup.builder()
                .aggregateErrors()
                .using(body)
                .doOnError(TaskGroupException.class, error -> error.failures().forEach(System.err::println));
        // endregion
    }

    void others(Mono<Transaction> begin, AsyncSemaphore permits, Mono<String> work, Callable<String> query) {
        // region exit
        AsyncResource<Transaction> transaction =
                AsyncResource.of(begin, (open, exit) -> exit.isCompleted() ? open.commit() : open.rollback());
        // endregion
        // region acquireTimeout
        Mono<String> orBusy =
                permits.withPermit(work, Duration.ofMillis(200)).onErrorReturn(AcquireTimeoutException.class, "busy");
        // endregion
        // region onCancel
        Mono<String> row = Threads.toThread(query, OnCancel.WAIT);
        // endregion
    }
}
