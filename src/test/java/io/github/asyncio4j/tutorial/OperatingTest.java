package io.github.asyncio4j.tutorial;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.task.Task;
import io.github.asyncio4j.task.TaskGroup;
import io.github.asyncio4j.task.TaskTree;
import io.github.asyncio4j.task.Tasks;
import io.github.asyncio4j.testing.Output;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/** The output shown in docs/operating.md. */
class OperatingTest {

    @Test
    void tree() throws Exception {
        Task<Object> page = Tasks.create(
                "page",
                TaskGroup.builder().name("checkout").using(group -> {
                    group.createTask("header", Mono.never());
                    return group.createTask("body", Mono.never()).await();
                }),
                Context.empty());
        try {
            String shown = Output.in(Path.of("docs/operating.md"), getClass().getName() + "#tree");
            assertThat(ofThePage(TaskTree.dump())).isEqualTo(ofThePage(shown));
            assertThat(shown.lines().findFirst()).hasValue("3 tasks");
        } finally {
            page.cancel();
        }
    }

    // Tests before this one may have left tasks behind that still end.
    private static String ofThePage(String tree) {
        return Output.masked(tree.substring(tree.indexOf("\"page\"")).replaceAll("(?m)^[├└]─.*", ""));
    }
}
