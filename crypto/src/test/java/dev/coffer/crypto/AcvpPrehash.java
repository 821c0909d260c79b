package dev.coffer.crypto;

import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import org.bouncycastle.crypto.digests.SHAKEDigest;

/// The hash functions of pre-hashed signatures by the names that NIST's cases give them.
public final class AcvpPrehash {
    private static final Map<String, Prehash> FUNCTIONS = Map.ofEntries(Map.entry("SHA2-224", Prehash.SHA_224),
            Map.entry("SHA2-256", Prehash.SHA_256), Map.entry("SHA2-384", Prehash.SHA_384), Map.entry("SHA2-512", Prehash.SHA_512),
            Map.entry("SHA2-512/224", Prehash.SHA_512_224), Map.entry("SHA2-512/256", Prehash.SHA_512_256),
            Map.entry("SHA3-224", Prehash.SHA3_224), Map.entry("SHA3-256", Prehash.SHA3_256), Map.entry("SHA3-384", Prehash.SHA3_384),
            Map.entry("SHA3-512", Prehash.SHA3_512), Map.entry("SHAKE-128", Prehash.SHAKE_128),
            Map.entry("SHAKE-256", Prehash.SHAKE_256));

    private AcvpPrehash() {}

    public static Prehash function(String name) {
        return FUNCTIONS.get(name);
    }

    public static MemorySegment digest(String name, MemorySegment message) {
        byte[] bytes = Memory.bytes(message);
        if (name.startsWith("SHAKE")) {
            SHAKEDigest shake = new SHAKEDigest(Integer.parseInt(name.substring(6)));
            shake.update(bytes, 0, bytes.length);
            byte[] out = new byte[function(name).digestBytes()];
            shake.doFinal(out, 0, out.length);
            return Memory.of(out);
        }
        try {
            return Memory.of(MessageDigest.getInstance(name.replace("SHA2-", "SHA-")).digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
