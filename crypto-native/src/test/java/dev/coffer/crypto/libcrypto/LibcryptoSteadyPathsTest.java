package dev.coffer.crypto.libcrypto;

import dev.coffer.crypto.key.EncodedRsaKey;
import dev.coffer.crypto.rsa.RsaKey;
import dev.coffer.crypto.rsa.RsaPss;
import dev.coffer.memory.Entropy;
import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.KeyPairGenerator;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What the library does for a server, a signature of RSA first of all: 0 heap bytes, whoever executes it.
class LibcryptoSteadyPathsTest {
    private static final List<Class<? extends SteadyPath>> PATHS = List.of(SigningWithRsa.class);

    @BeforeAll
    static void presence() {
        Presence.open(Presence.FIRST).close();  // or it is skipped: the child has the same library
    }

    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noSignatureMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, PATHS);
    }

    /// As in a handshake: RSASSA-PSS with SHA-256 by a key of 2,048 bits. Beyond the 32nd the library makes another blinding, so that each pass has some.
    private static final class SigningWithRsa implements SteadyPath {
        private final Libcrypto libcrypto = Libcrypto.open(Presence.FIRST);
        private final MemorySegment memory = Arena.global().allocate(1024);
        private final MemorySegment work = Arena.global().allocate(RsaPss.WORKSPACE_BYTES);
        private final RsaKey key;

        SigningWithRsa() throws Exception {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            byte[] pkcs8 = generator.generateKeyPair().getPrivate().getEncoded();
            MemorySegment source = Arena.global().allocate(pkcs8.length);
            MemorySegment.copy(pkcs8, 0, source, ValueLayout.JAVA_BYTE, 0, pkcs8.length);
            try (EncodedRsaKey numbers = EncodedRsaKey.in(source, 0, pkcs8.length, Arena.global().allocate(EncodedRsaKey.WORKSPACE_BYTES), 0)) {
                key = libcrypto.rsa(numbers);
            }
        }

        @Override
        public void run() {
            if (!RsaPss.SHA_256.sign(Entropy.SYSTEM, key, memory, 0, 64, memory, 100, work, 0)) {
                throw new AssertionError("not signed");
            }
        }

        @Override
        public void close() {
            key.close();
            libcrypto.close();
        }
    }
}
