package io.github.asyncio4j.recipes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArticleTest {

    private static String fingerprint(String title, String url) {
        return new Article(title, url, "any", "").fingerprint();
    }

    @ParameterizedTest
    @CsvSource({
        "Hello World, https://example.com/a, hello  world, http://EXAMPLE.com/a/",
        "T, https://example.com/a?utm_source=x&utm_medium=y, T, https://example.com/a",
        "T, https://example.com/a?b=1&fbclid=z&a=2, T, https://example.com/a?a=2&b=1",
        "T, https://www.example.com/a#part, T, https://example.com/a",
        "T, https://example.com:443/a, T, https://example.com/a",
        "T, https://example.com, T, https://example.com/?gclid=1"
    })
    void theSameStoryAtTheSamePlaceHasTheSameFingerprint(String title, String url, String sameTitle, String sameUrl) {
        assertThat(fingerprint(sameTitle, sameUrl)).isEqualTo(fingerprint(title, url));
    }

    @ParameterizedTest
    @CsvSource({
        "T, https://example.com/a, U, https://example.com/a",
        "T, https://example.com/a, T, https://example.com/b",
        "T, https://example.com/a?id=1, T, https://example.com/a?id=2",
        "T, https://example.com/a, T, https://example.org/a",
        "T, https://example.com:8080/a, T, https://example.com/a"
    })
    void anotherStoryHasAnother(String title, String url, String otherTitle, String otherUrl) {
        assertThat(fingerprint(otherTitle, otherUrl)).isNotEqualTo(fingerprint(title, url));
    }

    @Test
    void sourceAndDescriptionDoNotCount() {
        assertThat(new Article("T", "http://x.example/", "a", "d").fingerprint())
                .isEqualTo(new Article("T", "http://x.example/", "b", "").fingerprint())
                .matches("[0-9a-f]{64}");
    }

    @Test
    void longTextIsCutBetweenCharacters() {
        assertThat(PlainText.of("<p>short</p>", 10)).isEqualTo("short");
        assertThat(PlainText.of("abcdefghijkl", 10)).isEqualTo("abcdefghi…");
        assertThat(PlainText.of("abcdefgh\uD83D\uDE00xyz", 10)).isEqualTo("abcdefgh…");
    }

    @Test
    void bytesAreDecodedByMarkThenHeaderThenDeclaration() throws Exception {
        String declared = "<?xml version='1.0' encoding='ISO-8859-1'?><a>é</a>";
        assertThat(FeedText.decode(declared.getBytes(StandardCharsets.ISO_8859_1), Optional.empty()))
                .isEqualTo(declared);
        assertThat(FeedText.decode(
                        declared.getBytes(StandardCharsets.UTF_8), Optional.of("text/xml; charset=\"utf-8\"")))
                .isEqualTo(declared);
        assertThat(FeedText.decode(
                        "\uFEFFx".getBytes(StandardCharsets.UTF_16BE), Optional.of("text/xml; charset=utf-8")))
                .isEqualTo("x");
        assertThat(FeedText.decode("\uFEFFx".getBytes(StandardCharsets.UTF_16LE), Optional.empty()))
                .isEqualTo("x");
        assertThat(FeedText.decode("\uFEFFx".getBytes(StandardCharsets.UTF_8), Optional.empty()))
                .isEqualTo("x");
        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> FeedText.decode(new byte[] {'x'}, Optional.of("text/xml; charset=klingon")))
                .hasMessage("unknown charset klingon");
    }
}
