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
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.RSAKeyGenParameterSpec;
import java.security.spec.RSAPrivateCrtKeySpec;
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

        // Primes of this test alone: to look for some takes the interpreter ten seconds.
        private static final String P = "d7ced4e8a90e189ba749caf30866a85a3d5bbf578da1d84db8c01a1d36924025be1ce4f7112651bb16983c0d94b1309705e9"
                + "ece81edf79096ef8fa96325989bc2aaed9a91696592355a89b8d69cac7a359830fc63dacd0bb360b3359473684786ddb1789"
                + "703c549e923299c23123749ffd88ec069621de56cccf81d637cca63b";
        private static final String Q = "b5307ef43df4f17337e79409b4466556bbc365d130613f91cebc2b317922443a7384a2c69cec6abce6478b8aaa14d373eb1d"
                + "39bfef873bddb513460e62959b18cf363241ab252fb3a585aca0405e681cb346ebe78e2deebe10bb44917182f48a062c5e8b"
                + "779bac921f032207a28bb0d89869920339ae0a25f53fc09641c6ec1f";

        SigningWithRsa() throws Exception {
            byte[] pkcs8 = pkcs8(new BigInteger(P, 16), new BigInteger(Q, 16));
            MemorySegment source = Arena.global().allocate(pkcs8.length);
            MemorySegment.copy(pkcs8, 0, source, ValueLayout.JAVA_BYTE, 0, pkcs8.length);
            try (EncodedRsaKey numbers = EncodedRsaKey.in(source, 0, pkcs8.length, Arena.global().allocate(EncodedRsaKey.WORKSPACE_BYTES), 0)) {
                key = libcrypto.rsa(numbers);
            }
        }

        private static byte[] pkcs8(BigInteger p, BigInteger q) throws GeneralSecurityException {
            BigInteger e = RSAKeyGenParameterSpec.F4;
            BigInteger p1 = p.subtract(BigInteger.ONE);
            BigInteger q1 = q.subtract(BigInteger.ONE);
            BigInteger d = e.modInverse(p1.multiply(q1));
            return KeyFactory.getInstance("RSA").generatePrivate(
                    new RSAPrivateCrtKeySpec(p.multiply(q), e, d, p, q, d.mod(p1), d.mod(q1), q.modInverse(p))).getEncoded();
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
