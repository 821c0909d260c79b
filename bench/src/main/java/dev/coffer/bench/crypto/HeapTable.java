package dev.coffer.bench.crypto;

import com.sun.management.ThreadMXBean;
import dev.coffer.crypto.Hash;
import dev.coffer.crypto.Kem;
import dev.coffer.crypto.Signature;
import dev.coffer.crypto.argon2.Argon2Cost;
import dev.coffer.crypto.argon2.Argon2id;
import dev.coffer.crypto.ed25519.Ed25519;
import dev.coffer.crypto.mldsa.MlDsa;
import dev.coffer.crypto.mlkem.MlKem;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.slhdsa.SlhDsa;
import dev.coffer.memory.Entropy;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Provider;
import java.security.Security;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import javax.crypto.KEM;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/// What each operation leaves on the heap: bytes and objects, ours beside the JDK's and Bouncy Castle's, keys parsed and objects made
/// before. Takes the place of the comparison that the seed document estimated.
///
/// Exact, not sampled: the child runs without thread-local buffers (`-XX:-UseTLAB`), where each allocation is an event of the recorder; the
/// sum of their sizes and the thread's own count of bytes are printed side by side. Compiled code may leave out objects that it can show to
/// be unneeded; everything runs often enough before to be compiled.
public final class HeapTable {
    /// As `bench/run` is told.
    public static final String NAME = "heap";
    /// For its list.
    public static final String TITLE = "heap bytes and objects an operation, beside the JDK and Bouncy Castle";

    private static final int WARM = 300;
    private static final long WARM_NANOS = 1_000_000_000L;  // of the slow ones
    private static final int COUNTED = 10;
    private static final int MESSAGE = 50;
    private static final String EVENT = "jdk.ObjectAllocationOutsideTLAB";
    private static final Provider BOUNCY_CASTLE = new BouncyCastleProvider();
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private HeapTable() {}

    /// Runs the child that measures, and prints its table.
    public static void run() throws IOException, InterruptedException {
        int exitCode = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:-UseTLAB",
                "-XX:+UseSerialGC", "-Xmx1g", "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                HeapTable.class.getName()).inheritIO().start().waitFor();
        if (exitCode != 0) {
            throw new IllegalStateException("the child ended with " + exitCode);
        }
    }

    /// The child.
    public static void main(String[] args) throws Exception {
        measured(() -> null);  // the recorder's own first time
        System.out.println("| operation | Coffer | JDK | Bouncy Castle |");
        System.out.println("|---|---|---|---|");
        kem("ML-KEM-768", MlKem.ML_KEM_768);
        scheme("ML-DSA-65", MlDsa.ML_DSA_65, "SUN", "ML-DSA-65", "ML-DSA-65");
        scheme("Ed25519", Ed25519.SCHEME, "SunEC", "Ed25519", "Ed25519");
        scheme("ECDSA P-256", EcdsaP256.SCHEME, "SunEC", "EC", "EC");
        hash();
        argon2();
        scheme("SLH-DSA-SHA2-128f", SlhDsa.SHA2_128F, null, null, "SLH-DSA-SHA2-128F");
    }

    private static void row(String operation, Callable<?> ours, Callable<?> jdk, Callable<?> bouncyCastle) throws Exception {
        System.out.printf("| %s | **%s** | %s | %s |%n", operation, measured(ours), measured(jdk), measured(bouncyCastle));
    }

    /// {@return bytes and objects of one call}
    private static String measured(Callable<?> operation) throws Exception {
        if (operation == null) {
            return "";
        }
        long until = System.nanoTime() + WARM_NANOS;
        for (int i = 0; i < WARM && (i < COUNTED || System.nanoTime() < until); i++) {
            operation.call();
        }
        Path file = Files.createTempFile("heap", ".jfr");
        long bytes;
        try (Recording recording = new Recording()) {
            recording.enable(EVENT).withoutStackTrace();
            recording.start();
            operation.call();  // what the start of the recording itself brings with it
            long before = THREADS.getCurrentThreadAllocatedBytes();
            Marker.commitOne();
            for (int i = 0; i < COUNTED; i++) {
                operation.call();
            }
            Marker.commitOne();
            bytes = THREADS.getCurrentThreadAllocatedBytes() - before - Marker.bytes();
            recording.stop();
            recording.dump(file);
        }
        try {
            return String.format(Locale.ROOT, "%,d B, %,d", Math.round((double) Math.max(bytes, 0) / COUNTED),
                    Math.round((double) Marker.between(RecordingFile.readAllEvents(file), EVENT) / COUNTED));
        } finally {
            Files.delete(file);
        }
    }

    /// Two in a recording, with what is counted between.
    @jdk.jfr.Name("coffer.HeapMark")
    @jdk.jfr.StackTrace(false)
    static final class Marker extends jdk.jfr.Event {
        private static long bytes = -1;

        static void commitOne() {
            new Marker().commit();
        }

        /// {@return what two of them and the calls take by themselves}
        static long bytes() {
            if (bytes < 0) {
                for (int i = 0; i < 10; i++) {
                    long before = THREADS.getCurrentThreadAllocatedBytes();
                    commitOne();
                    commitOne();
                    bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
                }
            }
            return bytes;
        }

        static long between(List<RecordedEvent> events, String counted) {
            List<RecordedEvent> marks = events.stream().filter(event -> event.getEventType().getName().equals("coffer.HeapMark"))
                    .sorted((a, b) -> a.getStartTime().compareTo(b.getStartTime())).toList();
            RecordedEvent from = marks.get(0);
            RecordedEvent to = marks.get(1);
            return events.stream().filter(event -> event.getEventType().getName().equals(counted)
                    && event.getThread() != null && event.getThread().getJavaThreadId() == from.getThread().getJavaThreadId()
                    && event.getStartTime().isAfter(from.getStartTime()) && event.getStartTime().isBefore(to.getStartTime())).count();
        }
    }

    private static void kem(String name, Kem ours) throws Exception {
        MemorySegment seed = Arena.global().allocate(ours.seedBytes());
        MemorySegment ek = Arena.global().allocate(ours.encapsulationKeyBytes());
        MemorySegment dk = Arena.global().allocate(ours.decapsulationKeyBytes());
        MemorySegment ciphertext = Arena.global().allocate(ours.ciphertextBytes());
        MemorySegment shared = Arena.global().allocate(ours.sharedBytes());
        MemorySegment w = Arena.global().allocate(ours.workspaceBytes());
        Callable<?> generate = () -> {
            Entropy.SYSTEM.fill(seed, 0, seed.byteSize());
            return ours.keyPair(seed, 0, ek, 0, dk, 0, w, 0);
        };
        PeerKem jdk = new PeerKem(name, Security.getProvider("SunJCE"));
        PeerKem bouncy = new PeerKem(name, BOUNCY_CASTLE);
        row(name + " generate", generate, jdk.generator::generateKeyPair, bouncy.generator::generateKeyPair);
        row(name + " encapsulate", () -> ours.encapsulate(Entropy.SYSTEM, ek, 0, ciphertext, 0, shared, 0, w, 0),
                jdk.encapsulator::encapsulate, bouncy.encapsulator::encapsulate);
        row(name + " decapsulate", () -> ours.decapsulate(dk, 0, ciphertext, 0, shared, 0, w, 0),
                () -> jdk.decapsulator.decapsulate(jdk.encapsulation), () -> bouncy.decapsulator.decapsulate(bouncy.encapsulation));
    }

    private static final class PeerKem {
        private final KeyPairGenerator generator;
        private final KEM.Encapsulator encapsulator;
        private final KEM.Decapsulator decapsulator;
        private final byte[] encapsulation;

        PeerKem(String name, Provider provider) throws GeneralSecurityException {
            generator = KeyPairGenerator.getInstance(name, provider);
            KeyPair pair = generator.generateKeyPair();
            KEM kem = KEM.getInstance("ML-KEM", provider);
            encapsulator = kem.newEncapsulator(pair.getPublic());
            decapsulator = kem.newDecapsulator(pair.getPrivate());
            encapsulation = encapsulator.encapsulate().encapsulation();
        }
    }

    private static void scheme(String name, Signature ours, String jdkProvider, String jdkName, String bouncyName) throws Exception {
        MemorySegment seed = Arena.global().allocate(ours.seedBytes());
        MemorySegment pk = Arena.global().allocate(ours.publicKeyBytes());
        MemorySegment sk = Arena.global().allocate(ours.privateKeyBytes());
        MemorySegment text = Arena.global().allocate(MESSAGE);
        MemorySegment signature = Arena.global().allocate(ours.signatureBytes());
        MemorySegment w = Arena.global().allocate(Math.max(ours.workspaceBytes(), ours.signWorkspaceBytes()));
        Callable<?> generate = () -> {
            Entropy.SYSTEM.fill(seed, 0, seed.byteSize());
            return ours.keyPair(seed, 0, pk, 0, sk, 0, w, 0);
        };
        PeerScheme jdk = jdkProvider == null ? null : new PeerScheme(jdkName, Security.getProvider(jdkProvider));
        PeerScheme bouncy = new PeerScheme(bouncyName, BOUNCY_CASTLE);
        row(name + " generate", generate, jdk == null ? null : jdk.generator::generateKeyPair, bouncy.generator::generateKeyPair);
        row(name + " sign", () -> ours.sign(Entropy.SYSTEM, sk, 0, text, 0, MESSAGE, text, 0, 0, signature, 0, w, 0),
                jdk == null ? null : jdk::sign, bouncy::sign);
        row(name + " verify", () -> ours.verify(pk, 0, text, 0, MESSAGE, text, 0, 0, signature, 0, ours.signatureBytes(), w, 0),
                jdk == null ? null : jdk::verify, bouncy::verify);
    }

    private static final class PeerScheme {
        private final KeyPairGenerator generator;
        private final java.security.Signature signer;
        private final java.security.Signature verifier;
        private final byte[] message = new byte[MESSAGE];
        private final byte[] signature;

        PeerScheme(String name, Provider provider) throws GeneralSecurityException {
            generator = KeyPairGenerator.getInstance(name, provider);
            if (name.equals("EC")) {
                generator.initialize(256);
            }
            KeyPair pair = generator.generateKeyPair();
            String scheme = name.equals("EC") ? "SHA256withECDSA" : name;
            signer = java.security.Signature.getInstance(scheme, provider);
            signer.initSign(pair.getPrivate());
            signature = sign();
            verifier = java.security.Signature.getInstance(scheme, provider);
            verifier.initVerify(pair.getPublic());
        }

        byte[] sign() throws GeneralSecurityException {
            signer.update(message);
            return signer.sign();
        }

        boolean verify() throws GeneralSecurityException {
            verifier.update(message);
            return verifier.verify(signature);
        }
    }

    private static void hash() throws Exception {
        MemorySegment text = Arena.global().allocate(1024);
        MemorySegment state = Arena.global().allocate(Hash.SHA_256.stateBytes());
        byte[] bytes = new byte[1024];
        MessageDigest jdk = MessageDigest.getInstance("SHA-256", "SUN");
        MessageDigest bouncy = MessageDigest.getInstance("SHA-256", BOUNCY_CASTLE);
        row("SHA-256 of 1 KiB", () -> {
            Hash.SHA_256.hash(state, 0, text, 0, 1024, text, 0);
            return null;
        }, () -> jdk.digest(bytes), () -> bouncy.digest(bytes));
    }

    private static void argon2() throws Exception {
        Argon2Cost cost = new Argon2Cost(1024, 1, 1);
        MemorySegment memory = Arena.global().allocate(cost.memoryBytes());
        MemorySegment text = Arena.global().allocate(64);
        byte[] tag = new byte[32];
        row("Argon2id of 1 MiB, 1 pass", () -> {
            Argon2id.derive(cost, text, 0, 20, text, 0, 16, text, 32, 32, memory, 0);
            return null;
        }, null, () -> {
            Argon2BytesGenerator generator = new Argon2BytesGenerator();
            generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id).withMemoryAsKB(1024).withIterations(1).withParallelism(1)
                    .withSalt(new byte[16]).build());
            generator.generateBytes(new byte[20], tag);
            return tag;
        });
    }
}
