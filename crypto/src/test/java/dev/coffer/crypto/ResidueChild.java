package dev.coffer.crypto;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.coffer.crypto.argon2.Argon2Cost;
import dev.coffer.crypto.argon2.Argon2id;
import dev.coffer.crypto.falcon.Falcon;
import dev.coffer.crypto.falcon.FalconForm;
import dev.coffer.crypto.hpke.HpkeAead;
import dev.coffer.crypto.hpke.HpkeKdf;
import dev.coffer.crypto.hpke.HpkeKem;
import dev.coffer.crypto.hpke.HpkeReceiver;
import dev.coffer.crypto.hpke.HpkeSender;
import dev.coffer.crypto.hpke.HpkeSuite;
import dev.coffer.crypto.kdf.Hkdf;
import dev.coffer.crypto.mldsa.ExpandedSigningKey;
import dev.coffer.crypto.mldsa.MlDsa;
import dev.coffer.crypto.mlkem.ExpandedDecapsulationKey;
import dev.coffer.crypto.mlkem.ExpandedEncapsulationKey;
import dev.coffer.crypto.mlkem.MlKem;
import dev.coffer.crypto.slhdsa.SlhDsa;
import dev.coffer.memory.Entropy;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A process that uses every primitive with secrets that never were on its heap, and dumps its heap: after the first
/// call of each, and after many. The secrets go to files straight from native memory, for [ResidueTest] to look for.
final class ResidueChild {
    /// Copies of the control secret that the scan must find; reachable for ever.
    static byte[] controlBytes;
    static int[] controlWords;

    private static final int SECRET_BYTES = 32;

    private ResidueChild() {}

    /// @param args  folder; calls of each primitive between the two dumps
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        try (Arena arena = Arena.ofConfined()) {
            Map<String, Runnable> uses = uses(arena, folder);
            MemorySegment control = secret("control", arena, folder);
            controlBytes = control.toArray(ValueLayout.JAVA_BYTE);
            controlWords = control.toArray(ValueLayout.JAVA_INT);
            uses.values().forEach(Runnable::run);
            dump(folder.resolve("first.hprof"));
            for (int i = Integer.parseInt(args[1]); i > 0; i--) {
                uses.values().forEach(Runnable::run);
            }
            dump(folder.resolve("many.hprof"));
        }
    }

    private static Map<String, Runnable> uses(Arena arena, Path folder) {
        Map<String, Runnable> uses = new LinkedHashMap<>();
        MemorySegment work = arena.allocate(8192);
        MemorySegment text = arena.allocate(500);
        MemorySegment out = arena.allocate(600);
        HashCrossTest.hashes().forEach(hash -> {
            MemorySegment secret = secret("message of " + hash, arena, folder);
            uses.put(hash.name(), () -> hash.hash(work, 0, secret, 0, SECRET_BYTES, out, 0));
        });
        MemorySegment absorbed = secret("message of SHAKE256", arena, folder);
        uses.put("SHAKE256", () -> Xof.SHAKE_256.expand(work, 0, absorbed, 0, SECRET_BYTES, out, 0, 300));
        MacTest.macs().limit(9).forEach(mac -> {
            MemorySegment secret = secret("key of " + mac, arena, folder);
            uses.put(mac.name(), () -> {
                mac.init(work, 0, secret, 0, SECRET_BYTES);
                mac.update(work, 0, text, 0, 100);
                mac.verify(work, 0, text, 0, mac.tagBytes());
                mac.wipe(work, 0);
            });
        });
        MemorySegment material = secret("material of HKDF", arena, folder);
        MemorySegment derived = arena.allocate(64);
        uses.put("HKDF", () -> Hkdf.SHA_256.derive(work, 0, text, 0, 10, material, 0, SECRET_BYTES, text, 0, 10, derived, 0, 64));
        MemorySegment passphrase = secret("passphrase of Argon2id", arena, folder);
        Argon2Cost cost = new Argon2Cost(32, 2, 1);
        MemorySegment blocks = arena.allocate(cost.memoryBytes());
        uses.put("Argon2id", () -> Argon2id.derive(cost, passphrase, 0, SECRET_BYTES, text, 0, 16, derived, 0, 64, blocks, 0));
        AeadTest.aeads().limit(4).forEach(aead -> {
            MemorySegment key = secret("key of " + aead, arena, folder);
            MemorySegment plain = secret("text of " + aead, arena, folder);
            MemorySegment schedule = arena.allocate(aead.scheduleBytes());
            AeadKey loaded = new AeadKey(aead, work, 0).at(schedule, 0);
            loaded.load(key, 0);
            write(folder.resolve(("schedule of " + aead) + ".schedule"), schedule.asSlice(AeadKey.COUNTS_BYTES));
            uses.put(aead.name(), () -> {
                loaded.wipe();
                loaded.load(key, 0);
                loaded.seal(text, 0, text, 0, 20, plain, 0, SECRET_BYTES, out, 0);
                if (!loaded.open(text, 0, text, 0, 20, out, 0, SECRET_BYTES + 16, out, 0)) {
                    throw new AssertionError(aead);
                }
            });
        });
        encapsulation(uses, arena, folder, work);
        for (HpkeKem kem : List.of(HpkeKem.DHKEM_X25519, HpkeKem.DHKEM_P256, HpkeKem.X_WING)) {
            publicKeyEncryption(kem, uses, arena, folder);
        }
        signatures(uses, arena, folder, arena.allocate(32 << 10), text);
        hashBased(SlhDsa.SHA2_128F, uses, arena, folder, text);
        hashBased(SlhDsa.SHAKE_128F, uses, arena, folder, text);
        inDoubles(uses, arena, folder, text);
        return uses;
    }

    /// Seed, decapsulation key, s in the forms of `short[]` and `int[]` and in ours, m and the shared secret.
    private static void encapsulation(Map<String, Runnable> uses, Arena arena, Path folder, MemorySegment work) {
        MlKem kem = MlKem.ML_KEM_768;
        MemorySegment seed = arena.allocate(MlKem.SEED_BYTES);
        MemorySegment m = secret("m of ML-KEM", arena, folder);
        MemorySegment ek = arena.allocate(kem.encapsulationKeyBytes());
        MemorySegment dk = arena.allocate(kem.decapsulationKeyBytes());
        MemorySegment sealed = arena.allocate(kem.ciphertextBytes());
        MemorySegment shared = arena.allocate(64);
        Entropy.SYSTEM.fill(seed, 0, MlKem.SEED_BYTES);
        Runnable use = () -> {
            kem.keyPair(seed, 0, ek, 0, dk, 0, work, 0);
            kem.encapsulate((segment, at, length) -> MemorySegment.copy(m, 0, segment, at, length), ek, 0, sealed, 0,
                    shared, 0, work, 0);
            kem.decapsulate(dk, 0, sealed, 0, shared, 32, work, 0);
            kem.decapsulate(dk, 0, ek, 0, shared, 32, work, 0);
            try (ExpandedDecapsulationKey key = new ExpandedDecapsulationKey(kem, arena.allocate(7744), 0);
                    ExpandedEncapsulationKey other = new ExpandedEncapsulationKey(kem, arena.allocate(6176), 0)) {
                key.expand(dk, 0, work, 0);
                key.decapsulate(sealed, 0, shared, 32, work, 0);
                other.expand(ek, 0, work, 0);
                other.encapsulate(Entropy.SYSTEM, sealed, 0, shared, 32, work, 0);
            }
        };
        use.run();
        uses.put(kem.name(), use);
        write(folder.resolve("seed of ML-KEM.secret"), seed);
        int secretBytes = 3 * 384;
        write(folder.resolve("decapsulation key of ML-KEM.secret"), dk.asSlice(0, secretBytes));
        write(folder.resolve("shared secret of ML-KEM.secret"), shared.asSlice(0, 32));
        MemorySegment shorts = arena.allocate(3 * 512);
        MemorySegment ints = arena.allocate(3 * 1024);
        MemorySegment lanes = arena.allocate(3 * 512);
        for (int i = 0; i < 768; i++) {
            int three = 0;
            for (int b = 2; b >= 0; b--) {
                three = three << 8 | dk.get(ValueLayout.JAVA_BYTE, i / 2 * 3 + b) & 0xff;
            }
            int coefficient = (i & 1) == 0 ? three & 0xfff : three >>> 12;
            shorts.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) coefficient);
            ints.setAtIndex(ValueLayout.JAVA_INT, i, coefficient);
            lanes.setAtIndex(ValueLayout.JAVA_SHORT, (i & ~3) | (i & 1) << 1 | i >> 1 & 1, (short) coefficient);
        }
        write(folder.resolve("s of ML-KEM as shorts.secret"), shorts);
        write(folder.resolve("s of ML-KEM as ints.secret"), ints);
        write(folder.resolve("s of ML-KEM in lanes.secret"), lanes);
    }

    /// Private key, shared secret, text, a secret that is exported, and what lies in the context: base nonce, exporter secret, schedule.
    private static void publicKeyEncryption(HpkeKem kem, Map<String, Runnable> uses, Arena arena, Path folder) {
        HpkeSuite suite = HpkeSuite.of(kem, HpkeKdf.HKDF_SHA256, HpkeAead.CHACHA20_POLY1305);
        MemorySegment text = secret("text of " + kem.id(), arena, folder);
        MemorySegment work = arena.allocate(suite.workspaceBytes());
        MemorySegment publicKey = arena.allocate(kem.publicKeyBytes());
        MemorySegment privateKey = arena.allocate(kem.privateKeyBytes());
        MemorySegment enc = arena.allocate(kem.encapsulatedKeyBytes());
        MemorySegment out = arena.allocate(200);
        MemorySegment place = arena.allocate(suite.contextBytes());
        HpkeSender sender = new HpkeSender(suite, work, 0).at(arena.allocate(suite.contextBytes()), 0);
        HpkeReceiver receiver = new HpkeReceiver(suite, work, 0).at(place, 0);
        kem.generate(Entropy.SYSTEM, publicKey, 0, privateKey, 0, work, 0);
        write(folder.resolve("private key of " + kem.id() + ".secret"), privateKey);
        sender.setup(Entropy.SYSTEM, publicKey, 0, text, 0, 0, enc, 0);
        MemorySegment kept = arena.allocate(enc.byteSize()).copyFrom(enc);
        MemorySegment shared = arena.allocate(32);
        kem.kem().decapsulate(privateKey, 0, kept, 0, shared, 0, work, 0);
        write(folder.resolve("shared secret of " + kem.id() + ".secret"), shared);
        Runnable use = () -> {
            sender.wipe();
            sender.setup(Entropy.SYSTEM, publicKey, 0, text, 0, 0, enc, 0);
            sender.seal(text, 0, 0, text, 0, SECRET_BYTES, out, 0);
            receiver.wipe();
            receiver.setup(privateKey, 0, kept, 0, kept.byteSize(), text, 0, 0);
            receiver.open(text, 0, 0, out, 0, SECRET_BYTES + 16, out, 100);
            receiver.export(text, 0, 0, out, 100, 32);
        };
        use.run();
        uses.put("HPKE of " + kem.id(), use);
        write(folder.resolve("export of " + kem.id() + ".secret"), out.asSlice(100, 32));
        write(folder.resolve("context of " + kem.id() + ".secret"), place.asSlice(16));
    }

    /// Seed, private key, and s1 as `int[]` would hold it, transformed as we do, which the expanded key holds too.
    private static void signatures(Map<String, Runnable> uses, Arena arena, Path folder, MemorySegment work, MemorySegment text) {
        MlDsa dsa = MlDsa.ML_DSA_65;
        MemorySegment seed = secret("seed of ML-DSA", arena, folder);
        MemorySegment pk = arena.allocate(dsa.publicKeyBytes());
        MemorySegment sk = arena.allocate(dsa.privateKeyBytes());
        MemorySegment signature = arena.allocate(dsa.signatureBytes());
        MemorySegment expanded = arena.allocate(ExpandedSigningKey.bytes(dsa));
        ExpandedSigningKey key = new ExpandedSigningKey(dsa, expanded, 0);
        Runnable use = () -> {
            dsa.keyPair(seed, 0, pk, 0, sk, 0, work, 0);
            dsa.sign(Entropy.SYSTEM, sk, 0, text, 0, 100, text, 0, 9, signature, 0, work, 0);
            key.expand(sk, 0, work, 0);
            key.sign(MlDsa.DETERMINISTIC, text, 0, 100, text, 0, 9, signature, 0, work, 0);
        };
        use.run();
        uses.put(dsa.name(), use);
        write(folder.resolve("K of ML-DSA.secret"), sk.asSlice(32, 32));
        write(folder.resolve("private key of ML-DSA.secret"), sk.asSlice(128, sk.byteSize() - 128));
        write(folder.resolve("transformed polynomials of ML-DSA.secret"),
                expanded.asSlice(30 * 1024 + 64 + 32, (5 + 6 + 6) * 1024));
    }

    /// Seed and private key of Falcon, and what it is expanded to: basis and tree as doubles, f and g transformed. Keys cost milliseconds, so
    /// few of the many calls make them.
    private static void inDoubles(Map<String, Runnable> uses, Arena arena, Path folder, MemorySegment text) {
        Falcon falcon = Falcon.FALCON_512;
        MemorySegment seed = arena.allocate(Falcon.SEED_BYTES);
        Entropy.SYSTEM.fill(seed, 0, Falcon.SEED_BYTES);
        write(folder.resolve("seed of Falcon.secret"), seed);
        MemorySegment pk = arena.allocate(falcon.publicKeyBytes());
        MemorySegment sk = arena.allocate(falcon.privateKeyBytes());
        MemorySegment signature = arena.allocate(falcon.signatureBytes());
        MemorySegment work = arena.allocate(falcon.signWorkspaceBytes());
        MemorySegment expanded = arena.allocate(dev.coffer.crypto.falcon.ExpandedSigningKey.bytes(falcon));
        dev.coffer.crypto.falcon.ExpandedSigningKey key = new dev.coffer.crypto.falcon.ExpandedSigningKey(falcon, expanded, 0);
        int[] calls = {0};
        Runnable use = () -> {
            if (calls[0]++ % 50 == 0) {
                falcon.keyPair(seed, 0, pk, 0, sk, 0, work, 0);
                falcon.sign(Entropy.SYSTEM, sk, 0, text, 0, 100, text, 0, 0, signature, 0, work, 0);
                key.expand(sk, 0, work, 0);
            }
            key.sign(FalconForm.PADDED, Entropy.SYSTEM, text, 0, 100, signature, 0, work, 0);
        };
        use.run();
        uses.put(falcon.name(), use);
        write(folder.resolve("private key of Falcon.secret"), sk.asSlice(1));
        write(folder.resolve("basis and tree of Falcon.secret"), expanded);
    }

    /// SK.seed, SK.prf, and the first secret value of the highest tree, PRF(PK.seed, SK.seed, ADRS), as section 11 writes it. Signing
    /// calls a hash function 100,000 times, so few of the many calls do.
    private static void hashBased(SlhDsa dsa, Map<String, Runnable> uses, Arena arena, Path folder, MemorySegment text) {
        MemorySegment seed = arena.allocate(dsa.seedBytes());
        Entropy.SYSTEM.fill(seed, 0, seed.byteSize());
        write(folder.resolve("seeds of " + dsa + ".secret"), seed.asSlice(0, 32));
        MemorySegment pk = arena.allocate(dsa.publicKeyBytes());
        MemorySegment sk = arena.allocate(dsa.privateKeyBytes());
        MemorySegment signature = arena.allocate(dsa.signatureBytes());
        MemorySegment work = arena.allocate(dsa.workspaceBytes());
        int[] calls = {0};
        uses.put(dsa.name(), () -> {
            if (calls[0]++ % 100 == 0) {
                dsa.keyPair(seed, 0, pk, 0, sk, 0, work, 0);
                dsa.sign(Entropy.SYSTEM, sk, 0, text, 0, 100, text, 0, 9, signature, 0, work, 0);
            }
        });
        boolean shake = dsa == SlhDsa.SHAKE_128F;
        MemorySegment input = arena.allocate(128);  // PK.seed, in SHA-2 a whole block; ADRS, compressed in SHA-2; SK.seed
        MemorySegment.copy(seed, 32, input, 0, 16);
        int address = shake ? 16 : 64;
        input.set(ValueLayout.JAVA_BYTE, address + (shake ? 3 : 0), (byte) 21);
        input.set(ValueLayout.JAVA_BYTE, address + (shake ? 19 : 9), (byte) 5);
        int end = address + (shake ? 32 : 22);
        MemorySegment.copy(seed, 0, input, end, 16);
        MemorySegment value = arena.allocate(32);
        MemorySegment state = arena.allocate(Hash.STATE_BYTES_MAX);
        if (shake) {
            Xof.SHAKE_256.expand(state, 0, input, 0, end + 16, value, 0, 16);
        } else {
            Hash.SHA_256.hash(state, 0, input, 0, end + 16, value, 0);
        }
        write(folder.resolve("value of " + dsa + ".secret"), value.asSlice(0, 16));
    }

    private static MemorySegment secret(String name, Arena arena, Path folder) {
        MemorySegment secret = arena.allocate(SECRET_BYTES);
        Entropy.SYSTEM.fill(secret, 0, SECRET_BYTES);
        write(folder.resolve(name.replace('/', '-') + ".secret"), secret);
        return secret;
    }

    private static void write(Path file, MemorySegment segment) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = segment.asByteBuffer();
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(file.toString(), e);
        }
    }

    private static void dump(Path file) throws IOException {
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).dumpHeap(file.toString(), false);
    }
}
