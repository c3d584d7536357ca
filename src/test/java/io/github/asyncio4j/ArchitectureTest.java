package io.github.asyncio4j;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaModifier.STATIC;
import static com.tngtech.archunit.lang.conditions.ArchConditions.have;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.ObjectInputStream;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Hooks;
import reactor.core.scheduler.Scheduler;

/** The house rules of CONTRIBUTING.md that a machine can hold. */
class ArchitectureTest {

    private static final String ROOT = "io.github.asyncio4j";

    /** Which of our packages each may use, besides itself and the root. */
    private static final Map<String, Set<String>> USES = Map.ofEntries(
            Map.entry("internal", Set.of()),
            Map.entry("time", Set.of("internal")),
            Map.entry("resource", Set.of("internal")),
            Map.entry("sync", Set.of("internal")),
            Map.entry("queue", Set.of("internal")),
            Map.entry("stream", Set.of("internal")),
            Map.entry("task", Set.of("internal", "time", "resource")),
            Map.entry("ratelimit", Set.of("internal", "time", "resource")),
            Map.entry("thread", Set.of("internal", "sync", "task")),
            Map.entry("file", Set.of("internal", "sync", "task", "thread")),
            Map.entry("http", Set.of("internal", "time", "sync", "ratelimit", "resource")),
            Map.entry("micrometer", Set.of("internal", "sync", "queue", "ratelimit", "http")),
            Map.entry(
                    "recipes",
                    Set.of(
                            "time",
                            "resource",
                            "sync",
                            "queue",
                            "stream",
                            "task",
                            "ratelimit",
                            "thread",
                            "file",
                            "http")),
            Map.entry(
                    "cli",
                    Set.of(
                            "time",
                            "resource",
                            "sync",
                            "queue",
                            "stream",
                            "task",
                            "ratelimit",
                            "thread",
                            "file",
                            "http",
                            "recipes")));

    /**
     * What else a package needs. The tree of tasks is an MBean; the command line tool brings its own origin server, for
     * runs without a network.
     */
    private static final Map<String, Set<String>> THIRD_PARTIES = Map.of(
            "task",
            Set.of("javax.management.."),
            "http",
            Set.of(
                    "io.netty..",
                    "reactor.netty..",
                    "com.fasterxml.jackson..",
                    "com.aayushatharva.brotli4j..",
                    "crawlercommons..",
                    "com.github.luben.zstd..",
                    "com.google.common.net.."),
            "micrometer",
            Set.of("io.micrometer.core..", "io.micrometer.common..", "io.micrometer.observation.."),
            "recipes",
            Set.of("com.fasterxml.jackson..", "com.rometools..", "org.jsoup..", "org.HdrHistogram.."),
            "cli",
            Set.of(
                    "picocli..",
                    "org.HdrHistogram..",
                    "com.github.freva..",
                    "com.fasterxml.jackson..",
                    "org.jsoup..",
                    "io.netty..",
                    "reactor.netty.."));

    private static final String[] EVERYBODY = {
        "java..", "javax.net.ssl..", "reactor.core..", "reactor.util..", "org.reactivestreams..", "org.jspecify..", ROOT
    };

    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);

    static Stream<String> packages() {
        Set<String> found = new TreeSet<>();
        MAIN.forEach(type -> found.add(type.getPackageName()));
        return found.stream();
    }

    @ParameterizedTest
    @MethodSource("packages")
    void everyPackageUsesOnlyWhatItMay(String name) {
        String simple = name.equals(ROOT) ? "" : name.substring(ROOT.length() + 1);
        assertThat(simple.isEmpty() || USES.containsKey(simple))
                .as("a new package gets its line in this test: " + name)
                .isTrue();
        Set<String> allowed = new TreeSet<>(Set.of(EVERYBODY));
        allowed.add(name);
        USES.getOrDefault(simple, Set.of()).forEach(other -> allowed.add(ROOT + "." + other));
        allowed.addAll(THIRD_PARTIES.getOrDefault(simple, Set.of()));

        classes()
                .that()
                .resideInAPackage(name)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(allowed.toArray(String[]::new))
                        .or(DescribedPredicate.describe("primitives and arrays of them", JavaClass::isPrimitive)))
                .check(MAIN);
    }

    @Test
    void ofTheToolOnlyItsServersKnowTheNetworkLibrary() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".cli")
                .and()
                .haveSimpleNameNotStartingWith("Origin")
                .and()
                .doNotHaveSimpleName("NewsPage")
                .should()
                .dependOnClassesThat(resideInAnyPackage("reactor.netty..", "io.netty.."))
                .check(MAIN);
    }

    @Test
    void onlyTheServerOfTheCommandLineToolSeesTheNetworkLibrary() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".cli")
                .and()
                .haveNameNotMatching(".*\\.cli\\.(Origin|NewsPage).*")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("reactor.netty..", "io.netty..")
                .check(MAIN);
    }

    @ParameterizedTest
    @MethodSource("packages")
    void everyPackageIsNullMarked(String name) throws Exception {
        assertThat(Class.forName(name + ".package-info").isAnnotationPresent(NullMarked.class))
                .as(name)
                .isTrue();
    }

    @Test
    void packagesFormNoCycles() {
        slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(MAIN);
    }

    @Test
    void noPublicSignatureMentionsNettyOrTheInternals() {
        methods()
                .that()
                .areDeclaredInClassesThat()
                .arePublic()
                .and()
                .areDeclaredInClassesThat()
                .resideOutsideOfPackages(ROOT + ".internal", ROOT + ".cli")
                .and()
                .arePublic()
                .and(DescribedPredicate.not(isEscapeHatch()))
                .should(have(DescribedPredicate.describe("a signature of public types", ArchitectureTest::isOpen)))
                .check(MAIN);
    }

    private static boolean isOpen(JavaMethod method) {
        DescribedPredicate<JavaClass> hidden = resideInAnyPackage("io.netty..", "reactor.netty..", ROOT + ".internal");
        return method.getAllInvolvedRawTypes().stream().noneMatch(hidden) || isOurInterfaceMethod(method);
    }

    /** A class may implement an interface of ours that is not API; that is not its users' concern. */
    private static boolean isOurInterfaceMethod(JavaMethod method) {
        return method.getOwner().getAllRawInterfaces().stream()
                .filter(resideInAPackage(ROOT + ".internal"))
                .anyMatch(type -> type.tryGetMethod(
                                method.getName(),
                                method.getRawParameterTypes().stream()
                                        .map(JavaClass::getName)
                                        .toArray(String[]::new))
                        .isPresent());
    }

    private static DescribedPredicate<JavaMethod> isEscapeHatch() {
        return DescribedPredicate.describe(
                "the documented way to the network library below",
                method -> method.getOwner().getName().equals(ROOT + ".http.ClientSession$Builder")
                        && method.getName().equals("configure"));
    }

    @Test
    void nothingIsKeptInThreadLocals() {
        noFields()
                .should()
                .haveRawType(DescribedPredicate.describe(
                        "ThreadLocal", (JavaClass type) -> type.isAssignableTo(ThreadLocal.class)))
                .check(MAIN);
    }

    @Test
    void nobodyReadsSerializedObjectsOrReachesIntoClasses() {
        noClasses()
                .should()
                .callMethodWhere(DescribedPredicate.describe(
                        "it reads objects, or opens what is private",
                        call -> call.getTargetOwner().isEquivalentTo(ObjectInputStream.class)
                                || call.getName().equals("setAccessible")
                                || call.getName().startsWith("getDeclared")
                                        && call.getTargetOwner().isEquivalentTo(Class.class)))
                .check(MAIN);
    }

    @Test
    void noHookIsInstalled() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".cli")
                .and()
                .doNotHaveFullyQualifiedName(ROOT + ".task.DebugHooks") // debug mode, which the user turns on
                .should()
                .callMethodWhere(DescribedPredicate.describe(
                        "it changes a hook of Reactor",
                        call -> call.getTargetOwner().isEquivalentTo(Hooks.class)
                                && !call.getName().startsWith("is")))
                .check(MAIN);
    }

    @Test
    void noSchedulerIsResolvedAtClassLoading() {
        fields().that()
                .haveRawType(DescribedPredicate.describe(
                        "a Scheduler", (JavaClass type) -> type.isAssignableTo(Scheduler.class)))
                .should(have(DescribedPredicate.describe(
                        "an owner", field -> !field.getModifiers().contains(STATIC))))
                .allowEmptyShould(true)
                .check(MAIN);
    }

    @Test
    void nobodySleepsOrPrints() {
        noClasses()
                .should()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callMethod(Thread.class, "sleep", long.class, int.class)
                .orShould()
                .callMethod(Throwable.class, "printStackTrace")
                .check(MAIN);
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".cli")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .check(MAIN);
    }

    @Test
    void publicClassesAreFinalUnlessTheyAreErrors() {
        classes()
                .that()
                .arePublic()
                .and()
                .areNotInterfaces()
                .and()
                .areNotEnums()
                .and()
                .areNotAssignableTo(Throwable.class)
                .and()
                .resideOutsideOfPackage(ROOT + ".internal")
                .should()
                .haveModifier(JavaModifier.FINAL)
                .orShould()
                .haveModifier(JavaModifier.ABSTRACT)
                .check(MAIN);
    }

    @Test
    void namesSayWhatAThingIs() {
        noClasses()
                .should()
                .haveSimpleNameEndingWith("Impl")
                .orShould()
                .haveSimpleNameEndingWith("Util")
                .orShould()
                .haveSimpleNameEndingWith("Utils")
                .orShould()
                .haveSimpleNameEndingWith("Helper")
                .orShould()
                .haveSimpleNameEndingWith("Manager")
                .orShould()
                .haveSimpleNameStartingWith("Base")
                .check(MAIN);
    }
}
