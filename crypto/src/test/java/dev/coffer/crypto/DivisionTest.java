package dev.coffer.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.argon2.Argon2id;
import dev.coffer.crypto.blake2.Blake2b;
import dev.coffer.crypto.falcon.Falcon;
import dev.coffer.crypto.hpke.HpkeKem;
import dev.coffer.crypto.hybrid.HybridGroup;
import dev.coffer.crypto.keccak.Keccak;
import dev.coffer.crypto.mldsa.MlDsa;
import dev.coffer.crypto.mlkem.MlKem;
import dev.coffer.crypto.sha2.Compress32;
import dev.coffer.crypto.sha2.Compress64;
import dev.coffer.crypto.slhdsa.SlhDsa;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Wipe;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.OperatorInstruction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// No integer division where secrets are worked on (KyberSlash: its time depends on its operands): the bytecode of whole
/// packages holds no `idiv`, `irem`, `ldiv` or `lrem`, not even on public numbers, so that no one has to tell which is which. Nor do they
/// divide doubles or take their roots, whose time can depend on them too: Falcon alone needs that, in the one place that is named here.
class DivisionTest {
    private static final Set<Opcode> DIVISIONS = EnumSet.of(Opcode.IDIV, Opcode.IREM, Opcode.LDIV, Opcode.LREM, Opcode.FDIV,
            Opcode.FREM, Opcode.DDIV, Opcode.DREM);
    private static final Set<String> NAMED = Set.of("Reals.inverse DDIV", "Reals.root Math.sqrt");
    private static final List<Class<?>> PACKAGES = List.of(MlKem.class, MlDsa.class, SlhDsa.class, HybridGroup.class, Blake2b.class,
            HpkeKem.class, Falcon.class);
    private static final List<Class<?>> CLASSES = List.of(Keccak.class, Compress32.class, Compress64.class, ConstantTime.class, Wipe.class,
            Argon2id.class);

    @Test
    void nothingThatWorksOnSecretsDivides() throws Exception {
        Set<String> found = new TreeSet<>();
        int methods = 0;
        for (Class<?> type : PACKAGES) {
            Path folder = Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                    .resolve(type.getPackageName().replace('.', '/'));
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
                    methods += scan(Files.readAllBytes(file), found);
                }
            }
        }
        for (Class<?> type : CLASSES) {
            methods += scan(bytes(type), found);
        }
        assertEquals(NAMED, found);
        assertTrue(methods > 120, "methods seen: " + methods);
    }

    /// The scan is not blind: this method has all of it.
    @Test
    void theScanFindsWhatIsThere() throws IOException {
        Set<String> found = new TreeSet<>();
        scan(bytes(DivisionTest.class), found);
        Set<String> all = new TreeSet<>(Set.of("DivisionTest.planted Math.sqrt"));
        DIVISIONS.forEach(opcode -> all.add("DivisionTest.planted " + opcode));
        assertEquals(all, found);
    }

    static double planted(int a, long b, float c, double d) {
        return a / 3 + a % 5 + b / 7 + b % 9 + c / 3 + c % 5 + d / 7 + d % 9 + Math.sqrt(d);
    }

    private static byte[] bytes(Class<?> type) throws IOException {
        try (InputStream in = type.getResourceAsStream(type.getSimpleName() + ".class")) {
            return in.readAllBytes();
        }
    }

    private static int scan(byte[] bytes, Set<String> found) {
        var model = ClassFile.of().parse(bytes);
        String name = model.thisClass().asInternalName();
        int methods = 0;
        for (MethodModel method : model.methods()) {
            methods++;
            method.code().ifPresent(code -> {
                for (CodeElement element : code) {
                    if (element instanceof OperatorInstruction operator && DIVISIONS.contains(operator.opcode())) {
                        found.add(name.substring(name.lastIndexOf('/') + 1) + "." + method.methodName().stringValue() + " "
                                + operator.opcode());
                    }
                    if (element instanceof InvokeInstruction call && call.name().equalsString("sqrt")) {
                        found.add(name.substring(name.lastIndexOf('/') + 1) + "." + method.methodName().stringValue() + " Math.sqrt");
                    }
                }
            });
        }
        return methods;
    }
}
