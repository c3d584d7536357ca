package io.github.asyncio4j;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All that users can see, one line each: types by package, members by name. */
final class PublicApi {

    private static final Set<String> HIDDEN = Set.of("io.github.asyncio4j.internal", "io.github.asyncio4j.cli");
    private static final Set<String> OF_EVERY_OBJECT = Set.of("toString()", "hashCode()", "equals(Object)");
    private static final Pattern QUALIFIER = Pattern.compile("\\b(?:[a-z][a-z0-9_]*\\.)+(?=[A-Z])");

    private PublicApi() {}

    static List<String> dump() throws Exception {
        Map<String, List<Class<?>>> packages = new TreeMap<>();
        for (Class<?> type : types()) {
            if (isVisible(type) && !HIDDEN.contains(type.getPackageName())) {
                packages.computeIfAbsent(type.getPackageName(), name -> new ArrayList<>())
                        .add(type);
            }
        }
        List<String> lines = new ArrayList<>();
        packages.forEach((name, types) -> {
            lines.add("package " + name);
            lines.add("");
            types.sort(Comparator.comparing(Class::getName));
            types.forEach(type -> {
                lines.add(header(type));
                members(type).forEach(member -> lines.add("  " + member));
                lines.add("");
            });
        });
        return lines;
    }

    private static List<Class<?>> types() throws Exception {
        Path root = Path.of(CleanupTimeoutException.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        try (Stream<Path> files = Files.walk(root)) {
            List<Class<?>> types = new ArrayList<>();
            for (Path file : (Iterable<Path>) files::iterator) {
                String name = root.relativize(file).toString().replace('/', '.').replace('\\', '.');
                if (name.endsWith(".class") && !name.endsWith("-info.class")) {
                    types.add(load(name.substring(0, name.length() - ".class".length())));
                }
            }
            return types;
        }
    }

    private static Class<?> load(String name) throws IOException {
        try {
            return Class.forName(name, false, PublicApi.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IOException(name, e);
        }
    }

    private static boolean isVisible(Class<?> type) {
        return !type.isAnonymousClass()
                && !type.isLocalClass()
                && isVisible(type.getModifiers())
                && (type.getDeclaringClass() == null || isVisible(type.getDeclaringClass()));
    }

    private static boolean isVisible(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    private static String header(Class<?> type) {
        int implied = Modifier.ABSTRACT | Modifier.STATIC | (type.isEnum() || type.isRecord() ? Modifier.FINAL : 0);
        StringBuilder line = new StringBuilder(modifiers(type.getModifiers() & ~implied));
        if (type.isSealed()) {
            line.append("sealed ");
        } else if (Modifier.isAbstract(type.getModifiers()) && !type.isInterface()) {
            line.append("abstract ");
        }
        line.append(kind(type)).append(simple(type.getName())).append(parameters(type.getTypeParameters()));
        Type parent = type.getGenericSuperclass();
        if (parent != null && parent != Object.class && !type.isEnum() && !type.isRecord()) {
            line.append(" extends ").append(simple(parent.getTypeName()));
        }
        String interfaces = Arrays.stream(type.getGenericInterfaces())
                .map(Type::getTypeName)
                .filter(name -> !name.startsWith("io.github.asyncio4j.internal."))
                .map(PublicApi::simple)
                .collect(Collectors.joining(", "));
        if (!interfaces.isEmpty()) {
            line.append(type.isInterface() ? " extends " : " implements ").append(interfaces);
        }
        return line.toString();
    }

    private static String kind(Class<?> type) {
        if (type.isInterface()) {
            return "interface ";
        }
        if (type.isEnum()) {
            return "enum ";
        }
        return type.isRecord() ? "record " : "class ";
    }

    private static List<String> members(Class<?> type) {
        List<String> fields = new ArrayList<>();
        for (Field field : type.getDeclaredFields()) {
            if (isVisible(field.getModifiers()) && !field.isSynthetic()) {
                fields.add(field.isEnumConstant() ? field.getName() : modifiers(field.getModifiers()) + field(field));
            }
        }
        List<String> constructors = new ArrayList<>();
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (isVisible(constructor.getModifiers()) && !constructor.isSynthetic()) {
                constructors.add(modifiers(constructor.getModifiers()) + signature(constructor, type.getSimpleName()));
            }
        }
        List<Method> methods = new ArrayList<>();
        for (Method method : type.getDeclaredMethods()) {
            if (isVisible(method.getModifiers()) && !method.isSynthetic() && !isImplied(type, method)) {
                methods.add(method);
            }
        }
        methods.sort(Comparator.comparing(Method::getName)
                .thenComparing(Method::getParameterCount)
                .thenComparing(Method::toGenericString));
        constructors.sort(Comparator.naturalOrder());
        List<String> all = new ArrayList<>(fields);
        all.addAll(constructors);
        methods.forEach(method -> all.add(method(method)));
        return all;
    }

    private static boolean isImplied(Class<?> type, Method method) {
        String erased = method.getName()
                + Arrays.stream(method.getParameterTypes())
                        .map(Class::getSimpleName)
                        .collect(Collectors.joining(", ", "(", ")"));
        return OF_EVERY_OBJECT.contains(erased)
                || type.isEnum() && (erased.equals("values()") || erased.equals("valueOf(String)"));
    }

    private static String field(Field field) {
        return simple(field.getGenericType().getTypeName()) + " " + field.getName();
    }

    private static String method(Method method) {
        boolean inInterface = method.getDeclaringClass().isInterface();
        int shown = method.getModifiers() & (Modifier.STATIC | Modifier.PROTECTED);
        if (!inInterface) {
            shown |= method.getModifiers() & (Modifier.ABSTRACT | Modifier.PUBLIC);
        }
        String prefix = modifiers(shown) + (method.isDefault() ? "default " : "");
        String parameters = parameters(method.getTypeParameters());
        return prefix
                + (parameters.isEmpty() ? "" : parameters + " ")
                + simple(method.getGenericReturnType().getTypeName())
                + " "
                + signature(method, method.getName());
    }

    private static String signature(Executable executable, String name) {
        Parameter[] parameters = executable.getParameters();
        // Not the parameters' own types: JDK 17 takes those of a record that a newer compiler made for raw ones.
        Type[] types = executable.getGenericParameterTypes();
        List<String> shown = new ArrayList<>();
        for (int i = 0; i < parameters.length; i++) {
            String type = simple(types[i].getTypeName());
            boolean variable = executable.isVarArgs() && i == parameters.length - 1;
            shown.add((variable ? type.substring(0, type.length() - 2) + "..." : type) + " " + parameters[i].getName());
        }
        String thrown = Arrays.stream(executable.getGenericExceptionTypes())
                .map(type -> simple(type.getTypeName()))
                .collect(Collectors.joining(", "));
        return name + "(" + String.join(", ", shown) + ")" + (thrown.isEmpty() ? "" : " throws " + thrown);
    }

    private static String parameters(TypeVariable<?>[] variables) {
        return variables.length == 0
                ? ""
                : Arrays.stream(variables).map(PublicApi::variable).collect(Collectors.joining(", ", "<", ">"));
    }

    private static String variable(TypeVariable<?> variable) {
        String bounds = Arrays.stream(variable.getBounds())
                .filter(bound -> bound != Object.class)
                .map(bound -> simple(bound.getTypeName()))
                .collect(Collectors.joining(" & "));
        return variable.getName() + (bounds.isEmpty() ? "" : " extends " + bounds);
    }

    private static String modifiers(int modifiers) {
        String shown = Modifier.toString(modifiers & ~Modifier.INTERFACE & ~Modifier.TRANSIENT & ~Modifier.VOLATILE);
        return shown.isEmpty() ? "" : shown + " ";
    }

    private static String simple(String name) {
        return QUALIFIER.matcher(name).replaceAll("").replace('$', '.');
    }
}
