package io.github.asyncio4j.task;

import io.github.asyncio4j.http.ClientSession;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import javax.management.JMException;
import javax.management.JMX;
import javax.management.ObjectName;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.Logger;
import reactor.util.Loggers;
import reactor.util.function.Tuple2;

/** What the Javadoc of this package shows, for the compiler. {@code DocumentationTest} compares. */
@SuppressWarnings("unused")
final class DocumentationSamples {

    private DocumentationSamples() {}

    private static final Logger log = Loggers.getLogger(DocumentationSamples.class);

    record Order(int id) {}

    record Report(String text) {}

    record User(int id) {}

    record Cart(int id) {}

    private static Mono<Order> save(Order order) {
        return Mono.just(order);
    }

    private static Mono<Void> audit(Order order) {
        return Mono.empty();
    }

    private static Mono<String> loadHeader() {
        return Mono.just("header");
    }

    private static Mono<String> loadBody() {
        return Mono.just("body");
    }

    private static Mono<Integer> size(String url) {
        return Mono.just(url.length());
    }

    private static Mono<Report> collect(ClientSession session) {
        return session.get("https://example.com/").text().map(Report::new);
    }

    private static Mono<Report> assemble(TaskGroup group) {
        return Mono.just(new Report("report"));
    }

    private static Mono<User> loadUser(int id) {
        return Mono.just(new User(id));
    }

    private static Mono<Cart> loadCart(int id) {
        return Mono.just(new Cart(id));
    }

    void backgroundTasks(Order order) {
        // region backgroundTasks
        BackgroundTasks background = BackgroundTasks.builder()
                .name("audit")
                .onError((task, error) -> log.warn("{} failed", task.name(), error))
                .build();
        Mono<Order> handler =
                save(order).flatMap(saved -> background.submit(audit(saved)).thenReturn(saved));
        // at the end of the application:
        background.close(Duration.ofSeconds(10)).block();
        // endregion
    }

    void debug() {
        // region debug
        Debug.enable(); // or -Dasyncio4j.debug=true
        // endregion
    }

    void outcome(Mono<String> first, Mono<String> second) {
        // region outcome
        Tasks.gatherSettled(List.of(first, second)).map(outcomes -> {
            Outcome<String> outcome = outcomes.get(0);
            return outcome.isSuccess()
                    ? outcome.orElseThrow()
                    : "failed: " + outcome.error().orElse(null);
        });
        // endregion
    }

    // region runner
    public static void main(String[] args) {
        Report report = Runner.run(ClientSession.using(session -> collect(session)));
        System.out.println(report);
    }
    // endregion

    void task() {
        // region task
        Mono<String> page = TaskGroup.using(group -> {
            Task<String> header = group.createTask("header", loadHeader());
            Task<String> body = group.createTask("body", loadBody());
            return Mono.zip(header.await(), body.await(), String::concat);
        });
        // endregion
    }

    void taskFailures(List<Mono<String>> sources) {
        // region taskFailures
        Tasks.gather(sources).doOnError(error -> TaskFailures.of(error).forEach(System.err::println));
        // endregion
    }

    void taskGroup(List<String> urls) {
        // region taskGroup
        Mono<Integer> total = TaskGroup.using(group -> {
            List<Task<Integer>> sizes =
                    urls.stream().map(url -> group.createTask(url, size(url))).toList();
            return Flux.fromIterable(sizes).concatMap(Task::await).reduce(0, Integer::sum);
        });
        // endregion
    }

    void tasks(int id, List<String> urls, ClientSession session, Mono<String> mirror1, Mono<String> mirror2) {
        // region tasks
        Mono<Tuple2<User, Cart>> page = Tasks.gather(loadUser(id), loadCart(id));
        Mono<List<String>> bodies = Tasks.map(urls, 10, url -> session.get(url).text());
        Mono<String> fastest = Tasks.race(List.of(mirror1, mirror2));
        // endregion
    }

    void backgroundTasksBuilder() {
        // region backgroundTasksBuilder
        BackgroundTasks mails = BackgroundTasks.builder()
                .name("mails")
                .capacity(200)
                .onError((task, error) -> log.warn(task.name(), error))
                .build();
        // endregion
    }

    void returnWhen(List<Task<String>> tasks) {
        // region returnWhen
        Mono<WaitResult<String>> first = Tasks.waitUntil(ReturnWhen.FIRST_COMPLETED, tasks);
        // endregion
    }

    void taskGroupBuilder() {
        // region taskGroupBuilder
        Mono<Report> report = TaskGroup.builder()
                .name("report")
                .maxConcurrency(4)
                .timeout(Duration.ofSeconds(5))
                .using(group -> assemble(group));
        // endregion
    }

    void taskState() {
        // region taskState
        long running = Tasks.all().stream()
                .filter(task -> task.state() == TaskState.RUNNING)
                .count();
        // endregion
    }

    void taskTreeMXBean() throws JMException {
        // region taskTreeMXBean
        TaskTreeMXBean tasks = JMX.newMXBeanProxy(
                ManagementFactory.getPlatformMBeanServer(), new ObjectName(TaskTree.MBEAN), TaskTreeMXBean.class);
        String tree = tasks.dump();
        // endregion
    }
}
