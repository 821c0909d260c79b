package dev.coffer.mutants;

import java.io.IOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.attribute.SourceFileAttribute;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LineNumber;
import java.lang.classfile.instruction.LookupSwitchInstruction;
import java.lang.classfile.instruction.TableSwitchInstruction;

import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Finds every break of a module's compiled classes and plants one, by the JDK's own class files, so nothing is compiled anew.
///
/// Left out: `toString`, `hashCode` and what javac made (bridges, accessors of records, `values`, ordinals), lines of `assert` and of a
/// logger. A line whose instructions javac wrote twice, as those of `finally`, is broken in all its copies.
final class Breaker {
    private static final Set<String> NOT_METHODS = Set.of("toString", "hashCode", "values", "valueOf", "$values");

    private final Path classes;
    private final Path sources;
    private final ClassFile files;
    private final Map<Path, List<String>> texts = new HashMap<>();

    /// @param loader finds every class that the module's own mention, for the frames of broken code
    Breaker(Path classes, Path sources, ClassLoader loader) {
        this.classes = classes;
        this.sources = sources;
        this.files = ClassFile.of(ClassFile.ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(loader)
                .orElse(ClassHierarchyResolver.defaultResolver())));
    }

    /// {@return every break, by its line, in one order for the same classes}
    Map<String, List<Break>> all() throws IOException {
        Map<String, List<Break>> lines = new TreeMap<>();
        List<Path> found;
        try (Stream<Path> tree = Files.walk(classes)) {
            found = tree.filter(file -> file.toString().endsWith(".class")).sorted().toList();
        }
        for (Path file : found) {
            ClassModel model = files.parse(Files.readAllBytes(file));
            if (model.flags().has(AccessFlag.SYNTHETIC) || model.isModuleInfo()) {
                continue;
            }
            for (MethodModel method : model.methods()) {
                if (method.code().isPresent() && ours(model, method)) {
                    find(model, method, lines);
                }
            }
        }
        return lines;
    }

    /// {@return `count` breaks, each on another line: lines are drawn by the seed, then one break of each}
    static List<Break> sample(Map<String, List<Break>> all, int seed, int count) {
        Random random = new Random(seed);
        List<String> lines = new ArrayList<>(all.keySet());
        List<Break> sample = new ArrayList<>();
        while (sample.size() < count && !lines.isEmpty()) {
            List<Break> line = all.get(lines.remove(random.nextInt(lines.size())));
            sample.add(line.get(random.nextInt(line.size())));
        }
        return sample;
    }

    private static boolean ours(ClassModel model, MethodModel method) {
        String name = method.methodName().stringValue();
        if (NOT_METHODS.contains(name) || method.flags().has(AccessFlag.SYNTHETIC) && !name.startsWith("lambda$")) {
            return false;
        }
        if (model.findAttribute(Attributes.record()).isEmpty()) {
            return true;
        }
        boolean accessor = instructions(method.code().orElseThrow()).size() == 3 && method.methodTypeSymbol().parameterCount() == 0;
        return !accessor && !name.equals("equals");
    }

    private void find(ClassModel model, MethodModel method, Map<String, List<Break>> lines) throws IOException {
        CodeModel code = method.code().orElseThrow();
        List<Instruction> instructions = instructions(code);
        Set<Integer> silent = new HashSet<>();
        int[] lineOf = new int[instructions.size()];
        int line = 0;
        int at = 0;
        Set<Integer> switches = new HashSet<>();
        for (CodeElement element : code) {
            if (element instanceof LineNumber number) {
                line = number.line();
            } else if (element instanceof Instruction instruction) {
                lineOf[at++] = line;
                if (instruction instanceof LookupSwitchInstruction || instruction instanceof TableSwitchInstruction) {
                    switches.add(line);
                } else if (instruction instanceof InvokeInstruction call && (call.owner().asInternalName().equals("java/lang/System$Logger")
                        || call.name().equalsString("desiredAssertionStatus"))) {
                    silent.add(line);
                }
            }
        }
        String className = model.thisClass().asInternalName().replace('/', '.');
        ClassDesc returned = method.methodTypeSymbol().returnType();
        Map<String, List<Integer>> copies = new LinkedHashMap<>();  // of one instruction: where it stands, by line and place in its line
        Map<String, Integer> met = new HashMap<>();
        for (at = 0; at < lineOf.length; at++) {
            if (at == 0 || lineOf[at] != lineOf[at - 1]) {
                met.clear();
            }
            String text = lineOf[at] + "\t" + words(instructions.get(at));
            copies.computeIfAbsent(text + "\t" + met.merge(text, 1, Integer::sum), _ -> new ArrayList<>()).add(at);
        }
        for (List<Integer> places : copies.values()) {
            int first = places.getFirst();
            String source = source(model, lineOf[first]);
            if (silent.contains(lineOf[first]) || source.startsWith("assert ") || source.startsWith("case ") && switches.contains(lineOf[first])) {
                continue;
            }
            if (method.methodName().equalsString("<clinit>") && first > 1 && instructions.get(first - 2).opcode() == Opcode.DUP
                    && instructions.get(first - 1) instanceof ConstantInstruction name && name.constantValue() instanceof String) {
                continue;  // the ordinal of an enum's constant
            }
            List<Changes.Change> changes = Changes.of(instructions, first, returned);
            for (int choice = 0; choice < changes.size(); choice++) {
                if (switches.contains(lineOf[first]) && changes.get(choice).what().contains(" for ")) {
                    continue;  // a switch on strings or patterns counts for itself
                }
                lines.computeIfAbsent(className.replaceFirst("\\$.*", "") + "\t" + String.format("%05d", lineOf[first]), _ -> new ArrayList<>())
                        .add(new Break(className, method.methodName().stringValue(), method.methodType().stringValue(), lineOf[first],
                                List.copyOf(places), choice, changes.get(choice).what()));
            }
        }
    }

    private static String words(Instruction instruction) {
        return instruction instanceof InvokeInstruction call ? call.opcode() + call.owner().asInternalName() + call.name() + call.type()
                : instruction.opcode().name();
    }

    private static List<Instruction> instructions(CodeModel code) {
        List<Instruction> list = new ArrayList<>();
        for (CodeElement element : code) {
            if (element instanceof Instruction instruction) {
                list.add(instruction);
            }
        }
        return list;
    }

    /// {@return the line of source, stripped; "" where there is none}
    private String source(ClassModel model, int line) throws IOException {
        String file = model.findAttribute(Attributes.sourceFile()).map(SourceFileAttribute::sourceFile).map(Object::toString).orElse("");
        Path at = sources.resolve(model.thisClass().asInternalName()).resolveSibling(file);
        if (!texts.containsKey(at)) {
            texts.put(at, Files.isRegularFile(at) ? Files.readAllLines(at) : List.of());
        }
        List<String> text = texts.get(at);
        return line >= 1 && line <= text.size() ? text.get(line - 1).strip() : "";
    }

    String source(Break one) throws IOException {
        return source(files.parse(Files.readAllBytes(file(classes, one.className()))), one.line());
    }

    private static Path file(Path folder, String className) {
        return folder.resolve(className.replace('.', '/') + ".class");
    }

    /// Writes the class with its break under `to`.
    ///
    /// @return whether the verifier takes it
    boolean plant(Break one, Path to) throws IOException {
        byte[] broken = transformed(one.className(), Map.of(0, one), (number, code, at, returned, builder) -> {
            Changes.of(code, at, returned).get(one.choice()).plant().accept(builder);
            return true;
        });
        write(to, one.className(), broken);
        return files.verify(broken).isEmpty();
    }

    /// Writes each class of the sample unbroken, with a probe at each of its breaks, under `to`.
    void probe(List<Break> sample, Path to) throws IOException {
        Map<String, Map<Integer, Break>> byClass = new TreeMap<>();
        for (int i = 0; i < sample.size(); i++) {
            byClass.computeIfAbsent(sample.get(i).className(), _ -> new TreeMap<>()).put(i, sample.get(i));
        }
        for (Map.Entry<String, Map<Integer, Break>> entry : byClass.entrySet()) {
            write(to, entry.getKey(), transformed(entry.getKey(), entry.getValue(), (number, _, _, _, builder) -> {
                builder.loadConstant(number).invokestatic(ClassDesc.of(Probe.class.getName()), "hit",
                        MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int));
                return false;
            }));
        }
    }

    private interface Edit {
        /// {@return whether the instruction's place is taken}
        boolean write(int number, List<Instruction> code, int at, ClassDesc returned, CodeBuilder builder);
    }

    private byte[] transformed(String className, Map<Integer, Break> breaks, Edit edit) throws IOException {
        ClassModel model = files.parse(Files.readAllBytes(file(classes, className)));
        ClassTransform methods = (classBuilder, element) -> {
            if (!(element instanceof MethodModel method) || method.code().isEmpty()) {
                classBuilder.with(element);
                return;
            }
            Map<Integer, List<Integer>> here = new HashMap<>();  // instruction -> numbers of breaks
            breaks.forEach((number, one) -> {
                if (method.methodName().equalsString(one.method()) && method.methodType().equalsString(one.descriptor())) {
                    one.at().forEach(at -> here.computeIfAbsent(at, _ -> new ArrayList<>()).add(number));
                }
            });
            if (here.isEmpty()) {
                classBuilder.with(element);
                return;
            }
            List<Instruction> code = instructions(method.code().orElseThrow());
            ClassDesc returned = method.methodTypeSymbol().returnType();
            int[] at = {0};
            CodeTransform inCode = (builder, part) -> {
                boolean taken = false;
                if (part instanceof Instruction) {
                    for (int number : here.getOrDefault(at[0], List.of())) {
                        taken |= edit.write(number, code, at[0], returned, builder);
                    }
                    at[0]++;
                }
                if (!taken) {
                    builder.with(part);
                }
            };
            classBuilder.transformMethod(method, MethodTransform.transformingCode(inCode));
        };
        return files.transformClass(model, methods);
    }

    private static void write(Path folder, String className, byte[] bytes) throws IOException {
        Path file = file(folder, className);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }
}
