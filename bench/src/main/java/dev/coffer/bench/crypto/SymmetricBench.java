package dev.coffer.bench.crypto;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadKey;
import dev.coffer.crypto.AeadLimits;
import dev.coffer.crypto.Hash;
import dev.coffer.crypto.Mac;
import dev.coffer.crypto.libcrypto.Libcrypto;
import dev.coffer.crypto.libcrypto.LibcryptoConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.concurrent.TimeUnit;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA3Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.modes.AEADCipher;
import org.bouncycastle.crypto.modes.ChaCha20Poly1305;
import org.bouncycastle.crypto.modes.GCMBlockCipher;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KeyParameter;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// One message sealed with a 256-bit key, 13 bytes of associated data and a fresh nonce, or one message hashed, by us,
/// the JDK and Bouncy Castle. Their objects are made once; each message pays the `init` that a fresh nonce takes there.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class SymmetricBench {
    private static final int AAD_BYTES = 13;

    @Param({"64", "1024", "16384"})
    public int bytes;

    /// `chacha20-poly1305` or `aes-256-gcm`, with `-fast`, `-native` or `-accelerated` (by the JDK); or a hash's name.
    @Param({"chacha20-poly1305"})
    public String algorithm;

    private Arena arena;
    private MemorySegment work;
    private MemorySegment nonce;
    private MemorySegment text;
    private MemorySegment out;
    private AeadKey key;
    private AeadKey other;
    private Libcrypto libcrypto;
    private Hash hash;
    private byte[] heapNonce;
    private byte[] heapText;
    private byte[] heapOut;
    private byte[] aad;
    private ByteBuffer directText;
    private ByteBuffer directOut;
    private boolean aes;
    private KeyParameter bcKey;
    private SecretKeySpec jdkKey;
    private Cipher cipher;
    private AEADCipher bcCipher;
    private MessageDigest digest;
    private Digest bcDigest;
    private int count;

    @Setup
    public void open() throws GeneralSecurityException {
        arena = Arena.ofConfined();
        text = arena.allocate(bytes);
        out = arena.allocate(bytes + Aead.TAG_BYTES);
        work = arena.allocate(4096);
        work.set(java.lang.foreign.ValueLayout.JAVA_BYTE, 32, (byte) 1);  // the last byte of the other key
        nonce = arena.allocate(12);
        heapNonce = new byte[12];
        heapText = new byte[bytes];
        heapOut = new byte[bytes + Aead.TAG_BYTES];
        aad = new byte[AAD_BYTES];
        directText = ByteBuffer.allocateDirect(bytes);
        directOut = ByteBuffer.allocateDirect(bytes + Aead.TAG_BYTES);
        aes = algorithm.startsWith("aes");
        if (aes || algorithm.startsWith("chacha20")) {
            Aead aead = aes ? Aead.AES_256_GCM : Aead.CHACHA20_POLY1305;
            aead = algorithm.endsWith("-fast") ? aead.fast() : aead;
            aead = algorithm.endsWith("-accelerated") ? Aead.accelerated(32) : aead;
            if (algorithm.endsWith("-native")) {
                libcrypto = Libcrypto.open(LibcryptoConfig.defaults().withContexts(1));
                aead = libcrypto.aead(aead);
            }
            key = AeadKey.in(aead, arena.allocate(AeadKey.plan("key", aead).totalBytes()));
            key.load(work, 0, new AeadLimits(Long.MAX_VALUE, AeadLimits.FORGERIES_MAX));  // a measurement takes more than 2^23
            other = AeadKey.in(aead, arena.allocate(AeadKey.plan("other", aead).totalBytes()));
            if (!algorithm.endsWith("-accelerated")) {  // the JDK's cipher holds one key, the last
                other.load(work, 1, new AeadLimits(Long.MAX_VALUE, AeadLimits.FORGERIES_MAX));
            }
            jdkKey = new SecretKeySpec(new byte[32], aes ? "AES" : "ChaCha20");
            bcKey = new KeyParameter(new byte[32]);
            cipher = Cipher.getInstance(aes ? "AES/GCM/NoPadding" : "ChaCha20-Poly1305");
            bcCipher = aes ? GCMBlockCipher.newInstance(AESEngine.newInstance()) : new ChaCha20Poly1305();
        } else {
            hash = switch (algorithm) {
                case "SHA-256" -> Hash.SHA_256;
                case "SHA-512" -> Hash.SHA_512;
                default -> Hash.SHA3_256;
            };
            bcDigest = switch (algorithm) {
                case "SHA-256" -> new SHA256Digest();
                case "SHA-512" -> new SHA512Digest();
                default -> new SHA3Digest(256);
            };
            digest = MessageDigest.getInstance(algorithm);
            Mac.HMAC_SHA_256.init(work, 1024, work, 0, 32);
        }
    }

    @TearDown
    public void close() {
        if (libcrypto != null) {
            libcrypto.close();
        }
        arena.close();
    }

    @Benchmark
    public MemorySegment sealCoffer() {
        nonce.set(java.lang.foreign.ValueLayout.JAVA_INT, 0, count++);
        key.seal(nonce, 0, text, 0, AAD_BYTES, text, 0, bytes, out, 0);
        return out;
    }

    /// Another key each time: with one context it is expanded each time.
    @Benchmark
    public MemorySegment sealByTurns() {
        nonce.set(java.lang.foreign.ValueLayout.JAVA_INT, 0, count++);
        ((count & 1) == 0 ? key : other).seal(nonce, 0, text, 0, AAD_BYTES, text, 0, bytes, out, 0);
        return out;
    }

    private void freshJdk() throws GeneralSecurityException {
        fresh();
        cipher.init(Cipher.ENCRYPT_MODE, jdkKey,
                aes ? new GCMParameterSpec(128, heapNonce) : new IvParameterSpec(heapNonce));
        cipher.updateAAD(aad);
    }

    private void fresh() {
        int value = count++;
        for (int i = 0; i < Integer.BYTES; i++) {
            heapNonce[i] = (byte) (value >>> 8 * i);
        }
    }

    @Benchmark
    public byte[] sealJdk() throws GeneralSecurityException {
        freshJdk();
        cipher.doFinal(heapText, 0, bytes, heapOut, 0);
        return heapOut;
    }

    @Benchmark
    public ByteBuffer sealJdkDirect() throws GeneralSecurityException {
        freshJdk();
        cipher.doFinal(directText.clear(), directOut.clear());
        return directOut;
    }

    @Benchmark
    public byte[] sealBouncyCastle() throws InvalidCipherTextException {
        fresh();
        bcCipher.init(true, new AEADParameters(bcKey, 128, heapNonce, aad));
        int done = bcCipher.processBytes(heapText, 0, bytes, heapOut, 0);
        bcCipher.doFinal(heapOut, done);
        return heapOut;
    }

    @Benchmark
    public MemorySegment hashCoffer() {
        hash.hash(work, 0, text, 0, bytes, out, 0);
        return out;
    }

    @Benchmark
    public byte[] hashJdk() throws GeneralSecurityException {
        digest.update(heapText, 0, bytes);
        digest.digest(heapOut, 0, digest.getDigestLength());
        return heapOut;
    }

    @Benchmark
    public byte[] hashBouncyCastle() {
        bcDigest.update(heapText, 0, bytes);
        bcDigest.doFinal(heapOut, 0);
        return heapOut;
    }
}
