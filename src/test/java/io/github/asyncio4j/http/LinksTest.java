package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.asyncio4j.testing.RawOrigin;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.test.StepVerifier;

class LinksTest {

    private static Map<String, String> links(String... fields) {
        return Links.of(List.of(fields), "http://h/a/b?c");
    }

    @Test
    void relationsLeadToAbsoluteUrls() {
        assertThat(links("<?page=2>; rel=\"next\", </z> ; rel = last", "<//x/y>;rel=self;title=\"a, <b>; rel=no\""))
                .containsExactly(
                        Map.entry("next", "http://h/a/b?page=2"),
                        Map.entry("last", "http://h/z"),
                        Map.entry("self", "http://x/y"));
    }

    @Test
    void oneTargetMayHaveManyRelationsAndTheFirstOfEachCounts() {
        assertThat(links("<1>; rel=\"Prev  UP\"; rel=no, <2>; rel=up, <3>; REL=\"x\\\"y\""))
                .containsExactly(
                        Map.entry("prev", "http://h/a/1"),
                        Map.entry("up", "http://h/a/1"),
                        Map.entry("x\"y", "http://h/a/3"));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "<a",
                "a>; rel=x",
                "<a>",
                "<a>; rel",
                "<a>; rel=",
                "<a>; rel=\"",
                "<a>, rel=x",
                "<http://[>; rel=x",
                "<ftp://h/>; rel=x",
                "<a>;;;",
                "``"
            })
    void whatCannotBeReadIsPassedOver(String field) {
        assertThat(links(field)).isEmpty();
    }

    @Test
    void whatFollowsSuchALinkIsRead() {
        assertThat(links("<a>, <ftp://h/>; rel=x, <n>; rel=n")).containsOnlyKeys("n");
    }

    @Test
    void responsesWithoutAnyHaveNone() {
        assertThat(Links.of(List.of(), "http://h/")).isEmpty();
        assertThat(Links.of(List.of("<a>; rel=x"), "no URL")).isEmpty();
    }

    @Test
    void pagesFollowThem() {
        try (RawOrigin origin = RawOrigin.start(peer -> {
            while (peer.readRequest()) {
                boolean first = peer.lastRequest().startsWith("GET /items ");
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n"
                        + (first ? "Link: </items?page=2>; rel=\"next\"\r\n" : "")
                        + "\r\n" + (first ? "1" : "2"));
            }
        })) {
            StepVerifier.create(ClientSession.using(session -> session.get(origin.url("/items"))
                            .use(response ->
                                    session.get(response.links().get("next")).text())))
                    .expectNext("2")
                    .expectComplete()
                    .verify(Duration.ofSeconds(10));
        }
    }
}
