package dev.coffer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import dev.coffer.cli.Cli.Answer;
import dev.coffer.cli.WorkingMemory.Workspace;
import dev.coffer.crypto.Kem;
import dev.coffer.crypto.Signature;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.memory.Entropy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// `coffer algorithms` and `coffer plan --algorithm`: every algorithm is there, and what is printed is what an operation takes.
class AlgorithmsCommandTest {
    private static final int GUARD = 64;

    @TempDir
    private Path streams;

    @Test
    void everyAlgorithmHasALineWithItsSizes() {
        Answer answer = new Cli(streams).run("algorithms");
        assertEquals(0, answer.exitCode(), answer::toString);
        List<String> lines = answer.out().lines().map(String::strip).toList();
        assertEquals(
                List.of("Signatures", "Key encapsulation and exchange", "Groups of TLS 1.3", "Hashes and MACs", "Authenticated encryption", "Key derivation"),
                answer.out().lines().filter(line -> !line.isEmpty() && !line.startsWith(" ")).toList());
        for (KeyAlgorithm algorithm : KeyAlgorithm.values()) {
            List<String> its = lines.stream().filter(line -> line.startsWith(AnyName.name(algorithm) + " ")).toList();
            assertEquals((algorithm.signs() ? 1 : 0) + (algorithm.kem() != null ? 1 : 0), its.size(), algorithm + ": " + its);
            if (algorithm.signs()) {
                has(its.getFirst(), algorithm.signatureBytes(), algorithm.publicKeyBytes(), algorithm.signature().signWorkspaceBytes(),
                        algorithm.signature().workspaceBytes());
            }
            if (algorithm.kem() != null) {
                has(its.getLast(), algorithm.kem().ciphertextBytes(), algorithm.kem().encapsulationKeyBytes(),
                        algorithm.kem().workspaceBytes());
            }
        }
        for (String name : new String[] {"X25519MLKEM768", "SHA-256", "BLAKE2b-512", "SHAKE256", "KMAC128", "ChaCha20-Poly1305", "AES-256-GCM",
                "HKDF-SHA-256", "Argon2id", "sealed stream"}) {
            assertTrue(lines.stream().anyMatch(line -> line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT))), name);
        }
    }

    private static void has(String line, long... sizes) {
        List<String> numbers = List.of(line.split(" +"));
        for (long size : sizes) {
            assertTrue(numbers.contains(String.format(Locale.ROOT, "%,d", size)), size + " in " + line);
        }
    }

    /// The layouts that are printed are as long as the workspaces that the operations ask for.
    @ParameterizedTest
    @EnumSource(KeyAlgorithm.class)
    void aLayoutIsAsLongAsItsWorkspace(KeyAlgorithm algorithm) {
        long most = WorkingMemory.of(algorithm).stream().map(Workspace::plan).mapToLong(plan -> plan.totalBytes()).max().orElseThrow();
        long kem = algorithm.kem() == null ? 0 : algorithm.kem().workspaceBytes();
        long signing = algorithm.signature() == null ? 0
                : Math.max(algorithm.signature().signWorkspaceBytes(), algorithm.signature().workspaceBytes());
        assertEquals(Math.max(kem, signing), most);
    }

    @Test
    void aPlanShowsNamedOffsets() {
        Cli cli = new Cli(streams);
        String text = cli.run("plan", "--algorithm", "ML-KEM-768").out();
        for (String name : new String[] {"vector", "row", "product", "states", "coded", "strings"}) {
            assertTrue(text.lines().anyMatch(line -> line.matches(" +[0-9,]+ +[0-9,]+ +[0-9,]+ x [0-9,]+  " + name + "\\b.*")), name + " in " + text);
        }
        assertTrue(text.contains(String.format(Locale.ROOT, "%,d", KeyAlgorithm.ML_KEM_768.kem().workspaceBytes())), text);
        assertEquals(2, cli.run("plan", "-a", "ml_dsa_65").out().lines().filter(line -> line.contains("offset")).count());
        assertTrue(cli.run("plan", "-a", "argon2id").out().contains("65,536 x 1,024"));
        var json = JsonParser.parseString(cli.run("plan", "-a", "ML-DSA-44", "--json").out()).getAsJsonArray();
        assertEquals(2, json.size());
        assertEquals(KeyAlgorithm.ML_DSA_44.signature().signWorkspaceBytes(), json.get(0).getAsJsonObject().get("totalBytes").getAsLong());
        assertEquals(ExitCode.USAGE, cli.run("plan", "-a", "kyber").exitCode());
        for (KeyAlgorithm algorithm : KeyAlgorithm.values()) {
            assertEquals(0, cli.run("plan", "-a", AnyName.name(algorithm)).exitCode());
        }
    }

    /// Measured: operations in exactly the bytes that are printed, between marks that stay; one of them reaches the last.
    @ParameterizedTest
    @EnumSource(value = KeyAlgorithm.class, mode = EnumSource.Mode.MATCH_NONE, names = "SLH_DSA_.*S")
    void anOperationTakesWhatIsPrinted(KeyAlgorithm algorithm) {
        Kem kem = algorithm.kem();
        if (kem != null) {
            try (Place place = new Place(kem.workspaceBytes())) {
                MemorySegment ek = place.bytes(kem.encapsulationKeyBytes());
                MemorySegment dk = place.bytes(kem.decapsulationKeyBytes());
                MemorySegment ciphertext = place.bytes(kem.ciphertextBytes());
                MemorySegment shared = place.bytes(2 * kem.sharedBytes());
                place.run(() -> kem.keyPair(place.random(kem.seedBytes()), 0, ek, 0, dk, 0, place.memory, GUARD));
                place.run(() -> kem.encapsulate(Entropy.SYSTEM, ek, 0, ciphertext, 0, shared, 0, place.memory, GUARD));
                place.run(() -> kem.decapsulate(dk, 0, ciphertext, 0, shared, kem.sharedBytes(), place.memory, GUARD));
            }
        }
        Signature scheme = algorithm.signature();
        if (scheme != null) {
            try (Place sign = new Place(scheme.signWorkspaceBytes()); Place other = new Place(scheme.workspaceBytes())) {
                MemorySegment pk = sign.bytes(scheme.publicKeyBytes());
                MemorySegment sk = sign.bytes(scheme.privateKeyBytes());
                MemorySegment signature = sign.bytes(scheme.signatureBytes());
                other.run(() -> scheme.keyPair(sign.random(scheme.seedBytes()), 0, pk, 0, sk, 0, other.memory, GUARD));
                sign.run(() -> scheme.sign(Entropy.SYSTEM, sk, 0, pk, 0, 9, pk, 0, 0, signature, 0, sign.memory, GUARD));
                other.run(() -> scheme.verify(pk, 0, pk, 0, 9, pk, 0, 0, signature, 0, scheme.signatureBytes(), other.memory, GUARD));
            }
        }
    }

    private static final class Place implements AutoCloseable {
        private final Arena arena = Arena.ofConfined();
        private final long length;
        private final MemorySegment memory;
        private boolean touched;

        Place(long length) {
            this.length = length;
            this.memory = arena.allocate(length + 2 * GUARD);
        }

        MemorySegment bytes(long count) {
            return arena.allocate(count);
        }

        MemorySegment random(long count) {
            MemorySegment bytes = bytes(count);
            Entropy.SYSTEM.fill(bytes, 0, count);
            return bytes;
        }

        void run(java.util.function.BooleanSupplier operation) {
            memory.fill((byte) 0x5a);
            assertTrue(operation.getAsBoolean());
            for (int i = 0; i < GUARD; i++) {
                assertEquals(0x5a, memory.get(ValueLayout.JAVA_BYTE, i));
                assertEquals(0x5a, memory.get(ValueLayout.JAVA_BYTE, GUARD + length + i));
            }
            touched |= memory.get(ValueLayout.JAVA_BYTE, GUARD + length - 1) != 0x5a;
        }

        @Override
        public void close() {
            assertTrue(touched, "no operation reached the last byte");
            arena.close();
        }
    }
}
