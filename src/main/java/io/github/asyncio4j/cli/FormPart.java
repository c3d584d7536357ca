package io.github.asyncio4j.cli;

import io.github.asyncio4j.http.MultipartForm;
import java.io.IOException;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A part of a {@code multipart/form-data} body, written as curl's {@code -F}: {@code name=value}, or {@code name=@file}.
 *
 * @param file whose content it is; null where {@code value} is the content
 * @param content of the file, read once
 */
record FormPart(String name, Template value, @Nullable Path file, byte[] content) {

    /** @throws IllegalArgumentException with a sentence for the user */
    static FormPart parse(String text) {
        int equals = text.indexOf('=');
        if (equals < 1) {
            throw new IllegalArgumentException("--form wants NAME=VALUE or NAME=@FILE, but is '" + text + "'");
        }
        String name = text.substring(0, equals);
        String value = text.substring(equals + 1);
        if (!value.startsWith("@")) {
            return new FormPart(name, new Template(value), null, new byte[0]);
        }
        Path file = Path.of(value.substring(1));
        try {
            return new FormPart(name, new Template(""), file, Files.readAllBytes(file));
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read a part of the form from " + file, e);
        }
    }

    MultipartForm addedTo(MultipartForm form, long number, Map<String, String> row) {
        if (file == null) {
            return form.field(name, value.filledIn(number, row));
        }
        String fileName = String.valueOf(file.getFileName());
        String type = URLConnection.getFileNameMap().getContentTypeFor(fileName);
        return form.file(name, fileName, type == null ? "application/octet-stream" : type, content);
    }
}
