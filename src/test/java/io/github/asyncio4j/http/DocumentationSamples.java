package io.github.asyncio4j.http;

import java.nio.file.Path;
import java.time.Duration;
import reactor.core.publisher.Mono;

/** What the Javadoc of this package shows, for the compiler. {@code DocumentationTest} compares. */
@SuppressWarnings("unused")
final class DocumentationSamples {

    private DocumentationSamples() {}

    record User(String name) {}

    void clientRequest(ClientSession session) {
        // region clientRequest
        Mono<User> user = session.get("https://api.example.com/users")
                .param("id", 7)
                .timeout(Duration.ofSeconds(2))
                .json(User.class);
        // endregion
    }

    void clientSession() {
        // region clientSession
        Mono<String> page = ClientSession.using(
                session -> session.get("https://example.com/").text());
        // endregion
    }

    void multipartForm(ClientSession session) {
        // region multipartForm
        MultipartForm form = MultipartForm.create().field("title", "Holidays").file("photo", Path.of("beach.jpg"));
        Mono<Integer> status =
                session.post("https://example.com/upload").multipart(form).status();
        // endregion
    }
}
