import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/// Counts what ships, and what is beside it: files and lines of `src/main/java`, the largest files and the largest functions, as the table of
/// `CONTRIBUTING.md` has them. A function is a method or a constructor with a body, from its first line to its last.
///
///     .ci/sizes [FOLDER]      # of a tree; this one unless another is named
final class Sizes {
    private static final int FILE_LINES_MAX = 500;
    private static final int SHOWN = 10;

    private record Size(String name, long lines) {}

    private Sizes() {}

    public static void main(String[] args) throws IOException {
        Path root = Path.of(args.length == 0 ? "." : args[0]);
        List<Path> files;
        try (Stream<Path> all = Files.walk(root)) {
            String main = Path.of("src", "main", "java").toString();
            files = all.filter(f -> f.toString().endsWith(".java") && f.toString().contains(main)).sorted().toList();
        }
        List<Size> sizes = new ArrayList<>();
        for (Path file : files) {
            try (Stream<String> lines = Files.lines(file)) {
                sizes.add(new Size(root.relativize(file).toString().replaceAll("src/main/java/dev/coffer/", ""), lines.count()));
            }
        }
        List<Size> functions = functions(files);
        System.out.printf(Locale.ROOT, "files %d, lines %d, files of more than %d lines: %d; functions %d, of more than 60 lines: %d, of more than 100: %d%n",
                sizes.size(), sizes.stream().mapToLong(Size::lines).sum(), FILE_LINES_MAX,
                sizes.stream().filter(s -> s.lines > FILE_LINES_MAX).count(), functions.size(), functions.stream().filter(f -> f.lines > 60).count(),
                functions.stream().filter(f -> f.lines > 100).count());
        print("files", sizes);
        print("functions", functions);
    }

    private static void print(String what, List<Size> sizes) {
        System.out.println("the largest " + what + ":");
        sizes.stream().sorted(Comparator.comparingLong(Size::lines).reversed()).limit(SHOWN)
                .forEach(s -> System.out.printf(Locale.ROOT, "%6d  %s%n", s.lines, s.name));
    }

    private static List<Size> functions(List<Path> files) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<Size> found = new ArrayList<>();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask) compiler.getTask(null, manager, null, List.of("-proc:none"), null, manager.getJavaFileObjectsFromPaths(files));
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree unit : task.parse()) {
                unit.accept(new Functions(unit, positions, found), null);
            }
        }
        return found;
    }

    private static final class Functions extends TreeScanner<Void, Void> {
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final List<Size> found;
        private final Deque<String> types = new ArrayDeque<>();

        Functions(CompilationUnitTree unit, SourcePositions positions, List<Size> found) {
            this.unit = unit;
            this.positions = positions;
            this.found = found;
        }

        @Override
        public Void visitClass(ClassTree type, Void nothing) {
            types.addLast(type.getSimpleName().isEmpty() ? "(anonymous)" : type.getSimpleName().toString());
            super.visitClass(type, nothing);
            types.removeLast();
            return null;
        }

        @Override
        public Void visitMethod(MethodTree method, Void nothing) {
            if (method.getBody() != null) {
                LineMap map = unit.getLineMap();
                long lines = map.getLineNumber(positions.getEndPosition(unit, method)) - map.getLineNumber(positions.getStartPosition(unit, method)) + 1;
                String module = unit.getPackageName() == null ? "" : unit.getPackageName().toString().replace("dev.coffer.", "") + ".";
                found.add(new Size(module + String.join(".", types) + "." + method.getName(), lines));
            }
            return super.visitMethod(method, nothing);
        }
    }
}
