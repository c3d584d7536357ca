import com.sun.management.OperatingSystemMXBean;
import io.github.asyncio4j.http.ClientSession;
import io.github.asyncio4j.http.ConnectionLimits;
import io.vertx.core.Vertx;
import io.vertx.core.http.PoolOptions;
import io.vertx.ext.web.client.WebClient;
import io.vertx.ext.web.client.WebClientOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.asynchttpclient.AsyncHttpClient;
import org.asynchttpclient.Dsl;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

/**
 * One client against one URL: {@code Race client url concurrency seconds}. So many users send one request after the other
 * and read its body as text; after a warm-up it prints requests per second and CPU seconds for 100,000 of them.
 */
public final class Race {

    private static final int WARM_UP_SECONDS = 8;

    private final Supplier<CompletableFuture<String>> client;
    private final LongAdder answered = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private volatile boolean over;

    private Race(Supplier<CompletableFuture<String>> client) {
        this.client = client;
    }

    public static void main(String[] arguments) throws Exception {
        int concurrency = Integer.parseInt(arguments[2]);
        Race race = new Race(client(arguments[0], arguments[1], concurrency));
        race.run(arguments[0], concurrency, Integer.parseInt(arguments[3]));
        System.exit(0);
    }

    private void run(String name, int concurrency, int seconds) throws InterruptedException {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        AtomicInteger users = new AtomicInteger(concurrency);
        for (int i = 0; i < concurrency; i++) {
            next(users);
        }
        TimeUnit.SECONDS.sleep(WARM_UP_SECONDS);
        answered.reset();
        long cpu = system.getProcessCpuTime();
        long start = System.nanoTime();
        TimeUnit.SECONDS.sleep(seconds);
        double taken = (System.nanoTime() - start) / 1e9;
        double used = (system.getProcessCpuTime() - cpu) / 1e9;
        long count = answered.sum();
        over = true;
        System.out.printf(
                Locale.ROOT,
                "| %s | %d | %,.0f | %.2f | %d |%n",
                name,
                concurrency,
                count / taken,
                used / count * 100_000,
                failed.sum());
    }

    private void next(AtomicInteger users) {
        if (over) {
            users.decrementAndGet();
            return;
        }
        client.get().whenComplete((body, error) -> {
            (error == null && !body.isEmpty() ? answered : failed).increment();
            next(users);
        });
    }

    private static Supplier<CompletableFuture<String>> client(String name, String url, int concurrency) {
        return switch (name) {
            case "asyncio4j" -> asyncio4j(url, concurrency);
            case "reactor-netty" -> reactorNetty(url, concurrency);
            case "spring-webclient" -> spring(url, concurrency);
            case "vertx" -> vertx(url, concurrency);
            case "jdk" -> jdk(url);
            case "okhttp" -> okHttp(url, concurrency);
            case "async-http-client" -> asyncHttpClient(url, concurrency);
            default -> throw new IllegalArgumentException("no such client: " + name);
        };
    }

    private static Supplier<CompletableFuture<String>> asyncio4j(String url, int concurrency) {
        Mono<String> get = ClientSession.builder()
                .limits(ConnectionLimits.defaults().withTotal(concurrency))
                .build()
                .get(url)
                .text();
        return get::toFuture;
    }

    private static HttpClient tuned(int concurrency) {
        return HttpClient.create(ConnectionProvider.builder("race")
                .maxConnections(concurrency)
                .pendingAcquireMaxCount(-1)
                .metrics(false)
                .build());
    }

    private static Supplier<CompletableFuture<String>> reactorNetty(String url, int concurrency) {
        Mono<String> get = tuned(concurrency)
                .get()
                .uri(URI.create(url))
                .responseContent()
                .aggregate()
                .asString();
        return get::toFuture;
    }

    private static Supplier<CompletableFuture<String>> spring(String url, int concurrency) {
        Mono<String> get = org.springframework.web.reactive.function.client.WebClient.builder()
                .clientConnector(new ReactorClientHttpConnector(tuned(concurrency)))
                .build()
                .get()
                .uri(URI.create(url))
                .retrieve()
                .bodyToMono(String.class);
        return get::toFuture;
    }

    private static Supplier<CompletableFuture<String>> vertx(String url, int concurrency) {
        Vertx vertx = Vertx.vertx();
        WebClient client = WebClient.create(
                vertx, new WebClientOptions(), new PoolOptions().setHttp1MaxSize(concurrency));
        return () -> client.getAbs(url)
                .send()
                .map(response -> response.bodyAsString())
                .toCompletionStage()
                .toCompletableFuture();
    }

    private static Supplier<CompletableFuture<String>> jdk(String url) {
        java.net.http.HttpClient client = java.net.http.HttpClient.newBuilder()
                .version(java.net.http.HttpClient.Version.HTTP_1_1)
                .build();
        HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
        return () ->
                client.sendAsync(request, HttpResponse.BodyHandlers.ofString()).thenApply(HttpResponse::body);
    }

    private static Supplier<CompletableFuture<String>> okHttp(String url, int concurrency) {
        Dispatcher dispatcher = new Dispatcher();
        dispatcher.setMaxRequests(concurrency);
        dispatcher.setMaxRequestsPerHost(concurrency);
        OkHttpClient client = new OkHttpClient.Builder()
                .dispatcher(dispatcher)
                .connectionPool(new ConnectionPool(concurrency, 1, TimeUnit.MINUTES))
                .build();
        Request request = new Request.Builder().url(url).build();
        return () -> {
            CompletableFuture<String> answer = new CompletableFuture<>();
            client.newCall(request).enqueue(new Callback() {
                @Override
                public void onFailure(Call call, IOException error) {
                    answer.completeExceptionally(error);
                }

                @Override
                public void onResponse(Call call, Response response) throws IOException {
                    try (response) {
                        answer.complete(response.body().string());
                    } catch (IOException e) {
                        answer.completeExceptionally(e);
                    }
                }
            });
            return answer;
        };
    }

    private static Supplier<CompletableFuture<String>> asyncHttpClient(String url, int concurrency) {
        AsyncHttpClient client = Dsl.asyncHttpClient(Dsl.config()
                .setMaxConnections(concurrency)
                .setMaxConnectionsPerHost(concurrency)
                .setRequestTimeout(Duration.ofSeconds(60)));
        return () -> client.prepareGet(url)
                .execute()
                .toCompletableFuture()
                .thenApply(response -> response.getResponseBody());
    }
}
