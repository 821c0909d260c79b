package dev.coffer.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.NewMultiArrayInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.classfile.instruction.NewPrimitiveArrayInstruction;
import java.lang.classfile.instruction.NewReferenceArrayInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/// Loads the house's classes anew, each step of theirs with a look at [Refusals] in front. Static initialisers have none: a class that could not be
/// initialised stays so for the process, whoever wrote it.
public final class RefusingLoader extends ClassLoader {
    private static final String HOUSE = "dev.coffer.";
    private static final List<String> OURS_TO_LEAVE = List.of("dev.coffer.testkit.", "dev.coffer.instruments.");
    private static final ClassDesc REFUSALS = ClassDesc.of(Refusals.class.getName());
    private static final MethodTypeDesc NOTHING = MethodTypeDesc.of(ConstantDescs.CD_void);
    private static final MethodTypeDesc NUMBER = MethodTypeDesc.of(ConstantDescs.CD_long, ConstantDescs.CD_long);
    /// Of the JDK's, what asks the system for a descriptor or a socket's state, and throws `IOException` where it is refused.
    private static final Set<String> ASKING = Set.of("open", "bind", "configureBlocking", "register", "connect", "newDirectoryStream", "setOption",
            "getLocalAddress", "newInputStream", "newByteChannel", "readAllBytes", "readAttributes");
    private static final List<String> ASKED = List.of("java/nio/channels/", "java/nio/file/Files", "java/nio/file/SecureDirectoryStream");
    /// What answers an object and cannot be refused.
    private static final Set<String> PLAIN = Set.of("currentThread", "requireNonNull", "scope", "getClass", "length");

    private final Predicate<String> left;
    private final ClassFile files;

    /// @param left  names of classes that have no steps: what makes the openings
    public RefusingLoader(ClassLoader parent, Predicate<String> left) {
        super(parent);
        this.left = left;
        this.files = ClassFile.of(ClassFile.ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(parent)
                .orElse(ClassHierarchyResolver.defaultResolver()).cached()));
        setDefaultAssertionStatus(true);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(HOUSE) || OURS_TO_LEAVE.stream().anyMatch(name::startsWith)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> found = findLoadedClass(name);
            return found != null ? found : define(name);
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] bytes = in.readAllBytes();
            byte[] loaded = left.test(name) ? bytes : withLooks(bytes);
            return defineClass(name, loaded, 0, loaded.length, Refusals.class.getProtectionDomain());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] withLooks(byte[] bytes) {
        ClassModel model = files.parse(bytes);
        boolean calls = model.thisClass().asInternalName().endsWith("/Syscall");
        ClassTransform looks = ClassTransform.transformingMethodBodies(method -> !method.methodName().equalsString("<clinit>"),
                RefusingLoader::look);
        ClassTransform all = !calls ? looks : ClassTransform.transformingMethodBodies(RefusingLoader::isCall, new SystemCall()).andThen(looks);
        return files.transformClass(model, all);
    }

    private static boolean isCall(MethodModel method) {
        return method.methodName().equalsString("call") && method.methodTypeSymbol().parameterCount() == 7;
    }

    private static void look(CodeBuilder code, CodeElement element) {
        switch (element) {
            case NewObjectInstruction _,NewReferenceArrayInstruction _,NewPrimitiveArrayInstruction _,NewMultiArrayInstruction _,InvokeDynamicInstruction _ ->
                code.invokestatic(REFUSALS, "object", NOTHING);
            case InvokeInstruction call -> look(code, call);
            default -> {
            }
        }
        code.with(element);
    }

    private static void look(CodeBuilder code, InvokeInstruction call) {
        String owner = call.owner().asInternalName();
        String name = call.name().stringValue();
        if (owner.startsWith("dev/coffer/") || PLAIN.contains(name)) {
            return;
        }
        if (ASKING.contains(name) && ASKED.stream().anyMatch(owner::startsWith)) {
            code.invokestatic(REFUSALS, "descriptor", NOTHING);
        }
        if (owner.equals("java/lang/Thread") && name.equals("start")) {
            code.invokestatic(REFUSALS, "thread", NOTHING);
        }
        ClassDesc answer = call.typeSymbol().returnType();
        if (!answer.isPrimitive()) {
            code.invokestatic(REFUSALS, name.equals("iterator") || name.equals("asSlice") ? "object" : "call", NOTHING);
        }
    }

    /// In front of the one method through which all calls of the system go.
    private static final class SystemCall implements CodeTransform {
        @Override
        public void atStart(CodeBuilder code) {
            code.lload(0).invokestatic(REFUSALS, "system", NUMBER).dup2().lconst_0().lcmp().ifThen(CodeBuilder::lreturn).pop2();
        }

        @Override
        public void accept(CodeBuilder code, CodeElement element) {
            code.with(element);
        }
    }
}
