package io.github.asyncio4j.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Jackson, brotli4j, zstd-jni, Guava and crawler-commons are optional: without them all else works, and what needs one says which. */
class WithoutOptionalLibrariesTest {

    private static final String PACKAGE = "io.github.asyncio4j.http.";

    private static final List<String> ABSENT =
            List.of("com.fasterxml.", "com.aayushatharva.", "com.github.luben.", "com.google.", "crawlercommons.");
    private static final List<String> NEEDING =
            List.of("Jackson", "BrotliDecoder", "ZstdDecoder", "GuavaSuffixes", "CrawlerCommons", "package");

    /** Loads the package anew, in a world that has none of the libraries that are optional. */
    private static final class Bare extends ClassLoader {
        Bare() {
            super(WithoutOptionalLibrariesTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (ABSENT.stream().anyMatch(name::startsWith)) {
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
        Method write = new Bare().loadClass(PACKAGE + "Json").getDeclaredMethod("write", Object.class);
        write.setAccessible(true);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> write.invoke(null, "x"))
                    .cause()
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("jackson-databind");
        }
    }

    @Test
    void codingsSayWhatIsMissing() throws Exception {
        Class<?> codings = new Bare().loadClass(PACKAGE + "Codings");
        Map.of("brotli", "brotli4j", "zstd", "zstd-jni")
                .forEach((coding, library) -> assertThatThrownBy(() -> {
                            Method make = codings.getDeclaredMethod(coding);
                            make.setAccessible(true);
                            make.invoke(null);
                        })
                        .cause()
                        .hasMessageContaining(library));
        Method look = codings.getDeclaredMethod("look");
        look.setAccessible(true);
        look.invoke(null);
        Method accepted = codings.getDeclaredMethod("accepted");
        accepted.setAccessible(true);
        assertThat(accepted.invoke(null)).isEqualTo("gzip, deflate");
    }

    @Test
    void publicSuffixesAreTheWellKnownOnes() throws Exception {
        Class<?> suffixes = new Bare().loadClass(PACKAGE + "PublicSuffixes");
        Method look = suffixes.getDeclaredMethod("look");
        look.setAccessible(true);
        look.invoke(null);
        Method contains = suffixes.getDeclaredMethod("contains", String.class);
        contains.setAccessible(true);
        assertThat(contains.invoke(null, "co.uk")).isEqualTo(true);
        assertThat(contains.invoke(null, "github.io")).isEqualTo(true);
        assertThat(contains.invoke(null, "com")).isEqualTo(true);
        assertThat(contains.invoke(null, "example.com")).isEqualTo(false);
    }

    @Test
    void robotsTxtSaysWhatIsMissing() throws Exception {
        Method of = new Bare().loadClass(PACKAGE + "RobotsTxt").getDeclaredMethod("of", String.class);
        assertThatThrownBy(() -> of.invoke(null, "bot"))
                .cause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("crawler-commons");
    }

    @Test
    void allOtherClassesCanBeLoaded() throws Exception {
        Bare loader = new Bare();
        Path classes = Path.of(ClientSession.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .resolve(PACKAGE.replace('.', '/'));
        List<String> names;
        try (Stream<Path> files = Files.list(classes)) {
            names = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".class") && NEEDING.stream().noneMatch(name::startsWith))
                    .map(name -> PACKAGE + name.replace(".class", ""))
                    .toList();
        }
        assertThat(names).hasSizeGreaterThan(50);
        for (String name : names) {
            assertThat(Class.forName(name, true, loader).getClassLoader()).isSameAs(loader);
        }
    }
}
