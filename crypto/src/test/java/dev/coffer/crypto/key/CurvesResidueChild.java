package dev.coffer.crypto.key;

import dev.coffer.crypto.ed25519.Ed25519;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.p256.P256;
import dev.coffer.crypto.x25519.X25519;
import dev.coffer.instruments.ChildJvm;
import dev.coffer.instruments.PlantedSecrets;
import dev.coffer.memory.Secret;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/// The process that is searched by [CurvesResidueTest].
final class CurvesResidueChild {
    static final int X25519_KEY = 0;
    static final int ED25519_KEY = 1;
    static final int P256_KEY = 2;
    static final int FILE_KEY = 3;   // of Ed25519, by way of a PEM file
    static final int SECRETS = 4;
    static final int MESSAGE_BYTES = 64;

    private static byte[] control;   // planted where the scan must find it

    private CurvesResidueChild() {}

    public static void main(String[] args) throws IOException {
        PlantedSecrets secrets = new PlantedSecrets(Long.parseLong(args[0]), SECRETS);
        Path file = Path.of(args[1], "key.pem");
        MemorySegment m = Arena.global().allocate(4096);
        MemorySegment w = Arena.global().allocate(32 << 10);
        for (int i = 0; i < SECRETS; i++) {
            for (int at = 0; at < PlantedSecrets.BYTES; at++) {
                m.set(ValueLayout.JAVA_BYTE, 32L * i + at, secrets.at(i, at));
            }
        }
        control = new byte[PlantedSecrets.BYTES];
        for (int at = 0; at < control.length; at++) {
            control[at] = secrets.at(SECRETS, at);
        }
        use(m, w, file);
        ChildJvm.pause("first");
        for (int i = 0; i < 300; i++) {
            use(m, w, file);
        }
        ChildJvm.pause("many");
        if (control[0] != secrets.at(SECRETS, 0)) {
            throw new AssertionError();
        }
    }

    private static void use(MemorySegment m, MemorySegment w, Path file) throws IOException {
        long out = 1024;
        long x = 32L * X25519_KEY;
        long ed = 32L * ED25519_KEY;
        long p = 32L * P256_KEY;
        long message = 2048;
        X25519.publicKey(m, x, m, out, w, 0);
        X25519.agree(m, x, m, out, m, out + 32, w, 0);
        Ed25519.publicKey(m, ed, m, out, w, 0);
        Ed25519.sign(m, ed, m, message, MESSAGE_BYTES, m, out + 64, w, 0);
        P256.publicKey(m, p, m, out, w, 0);
        P256.agree(m, p, m, out, 65, m, out + 128, w, 0);
        EcdsaP256.sign(m, p, m, message, MESSAGE_BYTES, m, out + 192, w, 0);
        Files.deleteIfExists(file);
        try (KeyPair made = KeyPair.generate(KeyAlgorithm.ED25519, Secret.of(m, 3000, 64),
                (segment, at, length) -> MemorySegment.copy(m, 32L * FILE_KEY, segment, at, length), w, 0)) {
            made.write(file, w, 0);
        }
        try (KeyPair read = Keys.read(file, Secret.of(m, 3000, 64), w, 0)) {
            read.sign(m, message, MESSAGE_BYTES, m, out, w, 0);
        }
    }
}
