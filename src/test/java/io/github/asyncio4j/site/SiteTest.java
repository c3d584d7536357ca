package io.github.asyncio4j.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SiteTest {

    @TempDir
    Path folder;

    @Test
    void hasEveryPageAndNoDeadLink() throws IOException {
        assertThat(Site.write(Path.of("."), folder)).isEmpty();
        assertThat(folder.resolve("index.html")).content().contains("<h1 id=\"asyncio4j\">");
        assertThat(folder.resolve("docs/recipes.html")).content().contains("<table>", "SqlTest.java.html");
        assertThat(folder.resolve("docs/adr/index.html")).content().contains("<li>");
    }

    @Test
    void deadLinksAndForeignPicturesAreFound() throws IOException {
        Files.writeString(
                folder.resolve("page.html"),
                "<h1 id=\"here\"></h1><a href=\"#here\"><a href=\"#there\"><a href=\"missing.html\">"
                        + "<img src=\"https://example.org/x.png\"><a href=\"https://example.org/\">");
        assertThat(new Links(folder).dead())
                .containsExactly(
                        "page.html -> #there", "page.html -> missing.html", "page.html -> https://example.org/x.png");
    }
}
