package io.github.asyncio4j.http;

import java.nio.file.Path;

/**
 * Fields and files to be sent as {@code multipart/form-data}; immutable, each method gives a new form.
 *
 * <pre>{@code
 * MultipartForm form = MultipartForm.create()
 *         .field("title", "Holidays")
 *         .file("photo", Path.of("beach.jpg"));
 * Mono<Integer> status = session.post("https://example.com/upload").multipart(form).status();
 * }</pre>
 *
 * <p>Names and file names are sent in UTF-8. A file is read while it is sent, on a thread that may block. aiohttp's
 * twin is {@code FormData}.
 */
public interface MultipartForm {

    /** An empty form. */
    static MultipartForm create() {
        return DefaultMultipartForm.EMPTY;
    }

    /**
     * Adds a field.
     *
     * @throws IllegalArgumentException when the name has control characters
     */
    MultipartForm field(String name, String value);

    /**
     * Adds a file whose content is here. The array is not copied.
     *
     * @throws IllegalArgumentException when a name or the type has control characters
     */
    MultipartForm file(String name, String filename, String contentType, byte[] content);

    /** Adds a file by its path, under its own name and with the type that its name suggests. */
    MultipartForm file(String name, Path file);
}
