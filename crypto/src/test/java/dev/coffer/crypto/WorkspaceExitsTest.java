package dev.coffer.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.WorkspaceRows.Row;
import dev.coffer.crypto.ed25519.Ed25519;
import dev.coffer.crypto.falcon.Falcon;
import dev.coffer.crypto.falcon.FalconMessage;
import dev.coffer.crypto.hybrid.HybridGroup;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.crypto.key.PublicKey;
import dev.coffer.crypto.mldsa.MlDsa;
import dev.coffer.crypto.mlkem.MlKem;
import dev.coffer.crypto.p256.P256;
import dev.coffer.crypto.slhdsa.SlhDsa;
import dev.coffer.crypto.x25519.X25519;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every operation of the curves and keys that is given a workspace leaves it zero, read past the JVM: after success, after
/// each refusal, and where memory or the source fails underneath it. What it was to write to is then as it was, or zero. The
/// operations are found in the class files: a new one without a row in the table fails here.
class WorkspaceExitsTest {
    private static final int GUARD = 64;
    private static final byte MARK = 0x77;
    private static final List<Class<?>> PLACES = List.of(X25519.class, Ed25519.class, P256.class, KeyPair.class, MlKem.class, MlDsa.class,
            SlhDsa.class, HybridGroup.class, Falcon.class);  // X-Wing lies beside it
    /// Their last two parameters are an output, or what an object is made over: no workspace.
    private static final Set<String> WITHOUT = Set.of("Ed25519Stream.sign/2", "Ed25519Stream.startSigning/4",
            "Ed25519Stream.startVerifying/4", "EcdsaSignature.toDer/4", "EcdsaSignature.fromDer/5", "KeyPair.publicKey/2",
            "KeyPair.encode/2", "KeyPair.encode/3", "PublicKey.encode/2", "PublicKey.of/3", "MlDsa.beginMu/7",
            "MlDsa.updateMu/5", "MlDsa.endMu/4", "FalconMessage.beginSigning/3", "FalconMessage.beginVerifying/5", "FalconMessage.update/5");

    private static final Set<Object> REFUSALS = Set.of(false, 0, Agreement.LOW_ORDER, Agreement.NO_POINT, Agreement.BAD_PRIVATE_KEY);
    /// They change what they are given as they go: a file that is opened where it lies, a message that ends.
    private static final Set<String> IN_PLACE = Set.of("EncryptedKey.decrypt/8", "Pkcs12.in/8", "Falcon.signMessage/10",
            "Falcon.verifyMessage/10", "ExpandedSigningKey.signMessage/8");

    @TempDir
    Path folder;
    private WorkspaceRows table;
    private List<Row> rows;
    private List<Method> operations;

    @BeforeEach
    void table() throws Exception {
        table = new WorkspaceRows(folder);
        rows = table.rows;
        operations = operations();
    }

    private static List<Method> operations() throws Exception {
        List<Method> found = new ArrayList<>();
        for (Class<?> place : PLACES) {
            Path classes = Path.of(place.getProtectionDomain().getCodeSource().getLocation().toURI())
                    .resolve(place.getPackageName().replace('.', '/'));
            try (Stream<Path> files = Files.list(classes)) {
                for (Path file : files.filter(f -> f.toString().endsWith(".class") && !f.toString().contains("package-info")).toList()) {
                    Class<?> type = Class.forName(place.getPackageName() + "." + file.getFileName().toString().replace(".class", ""));
                    for (Method method : type.getDeclaredMethods()) {
                        Class<?>[] of = method.getParameterTypes();
                        if (Modifier.isPublic(type.getModifiers()) && Modifier.isPublic(method.getModifiers()) && of.length >= 2
                                && of[of.length - 2] == MemorySegment.class && of[of.length - 1] == long.class) {
                            found.add(method);
                        }
                    }
                }
            }
        }
        return found;
    }

    private static String name(Method method) {
        return method.getDeclaringClass().getSimpleName() + "." + method.getName() + "/" + method.getParameterCount();
    }

    @Test
    void everyOperationThatIsThereHasARow() {
        Set<String> there = new TreeSet<>(operations.stream().map(WorkspaceExitsTest::name).toList());
        Set<String> known = new TreeSet<>(WITHOUT);
        rows.forEach(row -> known.add(row.operation()));
        assertEquals(known, there);
    }

    @Test
    void theWorkspaceIsZeroAfterEveryAnswer() throws Exception {
        for (Row row : rows) {
            Object answer = call(row, row.arguments().get());
            if (row.answer() instanceof Class<?> type) {
                assertInstanceOf(type, answer, row.operation());
            } else {
                assertEquals(row.answer(), answer, row.operation());
            }
        }
    }

    /// Each segment in turn is one whose memory is gone: found out before anything is written, or on the way. Some fail by an overlap,
    /// as what is freed is soon another's.
    @Test
    void theWorkspaceIsZeroWhereMemoryFailsUnderneath() throws Exception {
        int failed = 0;
        for (Row row : rows) {
            for (int i = 0; i < row.arguments().get().length; i++) {
                Object[] arguments = row.arguments().get();
                if (arguments[i] instanceof MemorySegment segment) {
                    try (Arena gone = Arena.ofConfined()) {
                        arguments[i] = gone.allocate(segment.byteSize());
                    }
                    failed += call(row, arguments) instanceof IllegalStateException ? 1 : 0;
                }
            }
        }
        assertTrue(failed > 200, "calls that failed: " + failed + " of " + rows.size() + " rows");
    }

    /// A source that throws, be it an `Error`, and one that fills nothing.
    @Test
    void theWorkspaceIsZeroWhereTheSourceFails() throws Exception {
        Entropy broken = (segment, at, length) -> {
            segment.set(ValueLayout.JAVA_BYTE, at, (byte) 1);
            throw new OutOfMemoryError("planted");
        };
        int failed = 0;
        for (Row row : rows) {
            for (Entropy source : List.<Entropy>of(broken, (segment, at, length) -> {})) {
                Object[] arguments = row.arguments().get();
                int at = Arrays.asList(arguments).indexOf(table.entropy);
                if (at >= 0) {
                    arguments[at] = source;
                    failed += call(row, arguments) instanceof Throwable ? 1 : 0;
                }
            }
        }
        assertTrue(failed > 60, "calls that failed: " + failed);
    }

    /// @return the answer, or what was thrown; the workspace is zero, or was never written, which only a failure may leave
    private Object call(Row row, Object[] arguments) throws Exception {
        Method method = operations.stream().filter(m -> name(m).equals(row.operation())
                && (row.target() == null || m.getDeclaringClass().isInstance(row.target()))).findFirst().orElseThrow();
        MemorySegment workspace = table.bytes(GUARD + row.bytes() + GUARD).fill(MARK);
        Object[] all = Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = workspace;
        all[arguments.length + 1] = (long) GUARD;
        List<MemorySegment> given = Arrays.stream(arguments).filter(a -> a instanceof MemorySegment s && s.scope().isAlive())
                .map(a -> (MemorySegment) a).toList();
        given.stream().filter(table.outputs::contains).forEach(s -> s.fill(MARK));
        List<MemorySegment> before = given.stream().map(s -> table.bytes(s.byteSize()).copyFrom(s)).toList();
        Object answer;
        try {
            answer = method.invoke(row.target(), all);
        } catch (InvocationTargetException e) {
            answer = e.getCause();
        }
        String what = row.operation() + " of " + row.target() + ": " + answer;
        boolean untouched = workspace.asSlice(GUARD, row.bytes()).mismatch(table.bytes(row.bytes()).fill(MARK)) < 0;
        if (!(untouched && (answer instanceof IllegalStateException || answer instanceof IllegalArgumentException))) {
            assertEquals(0, RawMemory.nonZero(workspace, GUARD, (int) row.bytes()), "workspace after " + what);
        }
        for (int i = 0; i < GUARD; i++) {
            assertEquals(MARK, workspace.get(ValueLayout.JAVA_BYTE, i), "before the workspace, " + what);
            assertEquals(MARK, workspace.get(ValueLayout.JAVA_BYTE, GUARD + row.bytes() + i), "behind the workspace, " + what);
        }
        if (!untouched && row.operation().contains("Message/")) {
            given.stream().filter(s -> s.byteSize() == FalconMessage.STATE_BYTES)
                    .forEach(s -> assertEquals(0, RawMemory.nonZero(s), "a message after " + what));
        }
        if (answer instanceof Throwable || answer != null && REFUSALS.contains(answer)) {
            for (int i = 0; i < given.size() && !IN_PLACE.contains(row.operation()); i++) {
                MemorySegment after = given.get(i);
                assertTrue(after.mismatch(before.get(i)) < 0 || RawMemory.nonZero(after) == 0,
                        "segment " + i + " of those given is changed and not zero, " + what);
            }
        }
        return answer;
    }
}
