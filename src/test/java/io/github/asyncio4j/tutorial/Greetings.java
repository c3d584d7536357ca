package io.github.asyncio4j.tutorial;

// region program
import io.github.asyncio4j.task.Runner;
import io.github.asyncio4j.task.Tasks;
import java.time.Duration;
import java.util.List;
import reactor.core.publisher.Mono;

public class Greetings {

    static Mono<String> greet(String name) {
        return Tasks.sleep(Duration.ofSeconds(1)).thenReturn("Hello, " + name);
    }

    public static void main(String[] args) {
        List<String> both = Runner.run(Tasks.gather(List.of(greet("Ann"), greet("Bob"))));
        both.forEach(System.out::println);
    }
}
// endregion
