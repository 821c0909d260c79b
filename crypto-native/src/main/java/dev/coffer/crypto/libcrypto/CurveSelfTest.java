package dev.coffer.crypto.libcrypto;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.Signature;
import dev.coffer.crypto.exchange.Curve;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.p256.P256;
import dev.coffer.crypto.x25519.X25519;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// Asks a library's curves what our own code is asked, without that behind them: both must answer the same, within the memory that there is. On
/// keys that are nobody's.
final class CurveSelfTest {
    private static final int SETTLING_KEYS = 80;  // past the 128th call the VM has made its code, and each has two
    private static final long WORK_BYTES = 8192;  // more than any form works in

    private CurveSelfTest() {}

    /// @throws LibcryptoException  it answers otherwise than our own code
    static void run(List<Curve> curves, Signature ecdsa) {
        for (Curve curve : curves) {
            Curve own = curve.name().equals(X25519.CURVE.name()) ? X25519.CURVE : P256.CURVE;
            if (!agree(curve, own, 1)) {
                throw new LibcryptoException(curve + " answered otherwise than our own code, or its memory is spent (LibcryptoConfig.keyBytes)");
            }
        }
        if (!signs(ecdsa)) {
            throw new LibcryptoException(ecdsa.name() + " signed otherwise than our own code, or its memory is spent (LibcryptoConfig.keyBytes)");
        }
    }

    /// Asks until the VM has made the code that it makes for itself.
    static void settle(Curve curve) {
        for (int i = 1; i <= SETTLING_KEYS; i++) {
            if (!agree(curve, curve, i)) {
                throw new LibcryptoException(curve + " answered one question in two ways");
            }
        }
    }

    private static boolean agree(Curve curve, Curve own, int salt) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment keys = arena.allocate(2L * Curve.PRIVATE_BYTES);
            fill(keys, salt);
            MemorySegment work = arena.allocate(WORK_BYTES);
            int bytes = curve.publicBytes();
            MemorySegment[] said = {arena.allocate(2L * bytes + 32), arena.allocate(2L * bytes + 32)};
            for (int i = 0; i < 2; i++) {
                Curve asked = i == 0 ? curve : own;
                if (!asked.publicKey(keys, 0, said[i], 0, work, 0)
                        || asked.exchange(keys, 32, said[i], 0, said[i], 2L * bytes, said[i], bytes, work, 0) != Agreement.AGREED) {
                    return false;
                }
            }
            return said[0].mismatch(said[1]) == -1;
        }
    }

    private static boolean signs(Signature ecdsa) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = arena.allocate(Curve.PRIVATE_BYTES);
            fill(key, 1);
            MemorySegment work = arena.allocate(WORK_BYTES);
            MemorySegment[] said = {arena.allocate(64), arena.allocate(64)};
            for (int i = 0; i < 2; i++) {
                (i == 0 ? ecdsa : EcdsaP256.SCHEME).sign(Signature.DETERMINISTIC, key, 0, key, 0, 32, key, 0, 0, said[i], 0, work, 0);
            }
            return said[0].mismatch(said[1]) == -1;
        }
    }

    private static void fill(MemorySegment keys, int salt) {
        for (int i = 0; i < keys.byteSize(); i++) {
            keys.set(ValueLayout.JAVA_BYTE, i, (byte) (i * i * 31 + i * 7 + salt * 101 & 0x7f));
        }
    }
}
