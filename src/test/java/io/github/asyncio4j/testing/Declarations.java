package io.github.asyncio4j.testing;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** The public types and methods of sources, with their Javadoc. */
public final class Declarations {

    /**
     * A public type, or a public method or constructor of one.
     *
     * @param name of a type with its outer ones, as {@code TaskGroup.Builder}; of a method {@code Type#method}
     * @param javadoc its text, empty where there is none
     * @param supertypes as they are written; empty for a method
     * @param outer the type around it, empty for one of the top
     */
    public record Declaration(
            Path file, boolean type, String name, String javadoc, List<String> supertypes, String outer) {}

    private Declarations() {}

    public static List<Declaration> in(List<Path> files) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null, manager, null, List.of("-proc:none"), null, manager.getJavaFileObjectsFromPaths(files));
            List<Declaration> found = new ArrayList<>();
            DocTrees trees = DocTrees.instance(task);
            for (CompilationUnitTree unit : task.parse()) {
                new Scanner(trees, Path.of(unit.getSourceFile().toUri()), found).scan(unit, null);
            }
            return found;
        }
    }

    private static final class Scanner extends TreePathScanner<Void, Void> {

        private final DocTrees trees;
        private final Path file;
        private final List<Declaration> found;

        Scanner(DocTrees trees, Path file, List<Declaration> found) {
            this.trees = trees;
            this.file = file;
            this.found = found;
        }

        @Override
        public Void visitClass(ClassTree type, Void unused) {
            if (!isPublic(type.getModifiers())) {
                return null;
            }
            List<String> supertypes = Stream.concat(
                            Stream.ofNullable(type.getExtendsClause()), type.getImplementsClause().stream())
                    .map(Tree::toString)
                    .toList();
            found.add(new Declaration(file, true, name(getCurrentPath()), javadoc(), supertypes, outer()));
            return super.visitClass(type, unused);
        }

        @Override
        public Void visitMethod(MethodTree method, Void unused) {
            boolean inherits = method.getModifiers().getAnnotations().stream()
                    .anyMatch(annotation ->
                            annotation.getAnnotationType().toString().equals("Override"));
            // A constructor of a record that checks its components has nothing to add to them.
            boolean compact = method.getReturnType() == null && enclosing().getKind() == Tree.Kind.RECORD;
            if (isPublic(method.getModifiers()) && !inherits && !compact) {
                String name = outer() + "#" + method.getName();
                found.add(new Declaration(file, false, name, javadoc(), List.of(), outer()));
            }
            return null;
        }

        private boolean isPublic(ModifiersTree modifiers) {
            Tree.Kind around = getCurrentPath().getParentPath().getLeaf().getKind();
            return modifiers.getFlags().contains(Modifier.PUBLIC)
                    || around == Tree.Kind.INTERFACE && !modifiers.getFlags().contains(Modifier.PRIVATE);
        }

        private ClassTree enclosing() {
            return (ClassTree) getCurrentPath().getParentPath().getLeaf();
        }

        private String outer() {
            return name(getCurrentPath().getParentPath());
        }

        private String javadoc() {
            return Objects.requireNonNullElse(trees.getDocComment(getCurrentPath()), "");
        }

        private static String name(TreePath path) {
            if (!(path.getLeaf() instanceof ClassTree type)) {
                return "";
            }
            String outer = name(path.getParentPath());
            return (outer.isEmpty() ? "" : outer + ".") + type.getSimpleName();
        }
    }
}
