package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Jackson is optional: without it everything else works, and json says what is missing. */
class WithoutJacksonTest {

    private static final String PACKAGE = "io.github.asyncio4j.http.";

    /** Loads the package anew, in a world that has no Jackson. */
    private static final class NoJackson extends ClassLoader {
        NoJackson() {
            super(WithoutJacksonTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith("com.fasterxml.")) {
                throw new ClassNotFoundException(name);
            }
            if (!name.startsWith(PACKAGE)) {
                return super.loadClass(name, resolve);
            }
            Class<?> known = findLoadedClass(name);
            return known != null ? known : define(name);
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    @Test
    void jsonSaysWhatIsMissing() throws Exception {
        Method write = new NoJackson().loadClass(PACKAGE + "Json").getDeclaredMethod("write", Object.class);
        write.setAccessible(true);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> write.invoke(null, "x"))
                    .cause()
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("jackson-databind");
        }
    }

    @Test
    void allOtherClassesCanBeLoaded() throws Exception {
        NoJackson loader = new NoJackson();
        Path classes = Path.of(ClientSession.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .resolve(PACKAGE.replace('.', '/'));
        List<String> names;
        try (Stream<Path> files = Files.list(classes)) {
            names = files.map(file -> file.getFileName().toString())
                    .filter(name ->
                            name.endsWith(".class") && !name.startsWith("Jackson") && !name.startsWith("package"))
                    .map(name -> PACKAGE + name.replace(".class", ""))
                    .toList();
        }
        assertThat(names).hasSizeGreaterThan(50);
        for (String name : names) {
            assertThat(Class.forName(name, true, loader).getClassLoader()).isSameAs(loader);
        }
    }
}
