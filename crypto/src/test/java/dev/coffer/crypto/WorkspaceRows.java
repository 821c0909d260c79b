package dev.coffer.crypto;

import dev.coffer.crypto.ed25519.Ed25519;
import dev.coffer.crypto.falcon.Falcon;
import dev.coffer.crypto.falcon.FalconForm;
import dev.coffer.crypto.falcon.FalconMessage;
import dev.coffer.crypto.hybrid.HybridGroup;
import dev.coffer.crypto.hybrid.XWing;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.EncodedKey;
import dev.coffer.crypto.key.EncodedRsaKey;
import dev.coffer.crypto.key.EncryptedKey;
import dev.coffer.crypto.key.KeyFormatException;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.crypto.key.Pkcs12;
import dev.coffer.crypto.key.Pkcs12Files;
import dev.coffer.crypto.key.PrivateKeyForm;
import dev.coffer.crypto.key.PublicKey;
import dev.coffer.crypto.mldsa.ExpandedSigningKey;
import dev.coffer.crypto.mldsa.ExpandedVerifyingKey;
import dev.coffer.crypto.mldsa.MlDsa;
import dev.coffer.crypto.mlkem.ExpandedDecapsulationKey;
import dev.coffer.crypto.mlkem.ExpandedEncapsulationKey;
import dev.coffer.crypto.mlkem.MlKem;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.p256.P256;
import dev.coffer.crypto.slhdsa.SlhDsa;
import dev.coffer.crypto.x25519.X25519;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Secret;
import dev.coffer.testkit.SeededEntropy;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/// One call, or more, of every operation that is given a workspace: with what it answers to.
final class WorkspaceRows {
    private final Path folder;
    private final Arena arena = Arena.ofAuto();
    final SeededEntropy entropy = new SeededEntropy(9);
    final List<Row> rows = new ArrayList<>();
    /// What is written to and nothing else, whole: marked before each call.
    final List<MemorySegment> outputs = new ArrayList<>();

    /// @param arguments  all but the workspace, made anew for each call
    /// @param answer     what is returned, or the class of what is thrown
    record Row(String operation, Object target, long bytes, Object answer, Supplier<Object[]> arguments) {}

    private void row(String operation, long bytes, Object answer, Object... arguments) {
        rows.add(new Row(operation, null, bytes, answer, arguments::clone));
    }

    private void row(Object target, String operation, long bytes, Object answer, Object... arguments) {
        rows.add(new Row(operation, target, bytes, answer, arguments::clone));
    }

    /// The place of an expanded key is gone when one is to come there. Another's memory may lie there by then: a fault of the caller,
    /// too, as the two overlap.
    private <T> void gone(Function<MemorySegment, T> place, long length, String operation, long bytes, MemorySegment key) {
        T expanded;
        try (Arena gone = Arena.ofConfined()) {
            expanded = place.apply(gone.allocate(length));
        }
        row(expanded, operation, bytes, RuntimeException.class, key, 0L);
    }

    MemorySegment bytes(long length) {
        return arena.allocate(length);
    }

    private MemorySegment output(long length) {
        MemorySegment segment = bytes(length);
        outputs.add(segment);
        return segment;
    }

    private MemorySegment filled(int length) {
        MemorySegment segment = bytes(length);
        entropy.fill(segment, 0, length);
        return segment;
    }

    private Secret secret(KeyAlgorithm algorithm) {
        return Secret.of(bytes(algorithm.keyPairBytes()), 0, algorithm.keyPairBytes());
    }

    WorkspaceRows(Path folder) throws Exception {
        this.folder = folder;
        MemorySegment work = bytes(32 << 10);
        MemorySegment key = filled(32).copyFrom(MemorySegment.ofArray(new byte[] {1, 2, 3}));
        MemorySegment zeros = bytes(100);
        MemorySegment message = filled(100);
        MemorySegment out = bytes(100);

        row("EncodedRsaKey.isRsa/5", EncodedRsaKey.WORKSPACE_BYTES, false, message, 0L, 100L);
        row("EncodedRsaKey.isRsa/5", EncodedRsaKey.WORKSPACE_BYTES, false, bytes(EncodedKey.FILE_BYTES_MAX + 1), 0L, EncodedKey.FILE_BYTES_MAX + 1L);
        rows.add(new Row("EncodedRsaKey.in/5", null, EncodedRsaKey.WORKSPACE_BYTES, KeyFormatException.class,
                () -> new Object[] {filled(100), 0L, 100L}));

        locked("EncryptedKey.decrypt/8", EncryptedKey.WORKSPACE_BYTES, Long.class, Pkcs12Files.encryptedKey());
        locked("Pkcs12.in/8", Pkcs12.WORKSPACE_BYTES, Pkcs12.class, Pkcs12Files.small());

        MemorySegment x = bytes(32);
        X25519.publicKey(key, 0, x, 0, work, 0);
        row("X25519.publicKey/6", X25519.WORKSPACE_BYTES, null, key, 0L, out, 0L);
        row("X25519.agree/8", X25519.WORKSPACE_BYTES, Agreement.AGREED, key, 0L, x, 0L, out, 0L);
        row("X25519.agree/8", X25519.WORKSPACE_BYTES, Agreement.LOW_ORDER, key, 0L, zeros, 0L, out, 0L);

        MemorySegment e = bytes(32);
        MemorySegment es = bytes(64);
        Ed25519.publicKey(key, 0, e, 0, work, 0);
        Ed25519.sign(key, 0, message, 0, 100, es, 0, work, 0);
        long sign = Ed25519.SIGN_WORKSPACE_BYTES;
        long verify = Ed25519.VERIFY_WORKSPACE_BYTES;
        row("Ed25519.publicKey/6", sign, null, key, 0L, out, 0L);
        row("Ed25519.sign/9", sign, null, key, 0L, message, 0L, 100L, out, 0L);
        row("Ed25519.sign/11", sign, null, key, 0L, e, 0L, message, 0L, 100L, out, 0L);
        row("Ed25519.verify/10", verify, true, e, 0L, message, 0L, 100L, es, 0L, 64L);
        row("Ed25519.verify/10", verify, false, e, 0L, message, 0L, 99L, es, 0L, 64L);
        row("Ed25519.verify/10", verify, false, e, 0L, message, 0L, 100L, es, 0L, 63L);
        row("Ed25519.verify/10", verify, false, filled(32).fill((byte) -1), 0L, message, 0L, 100L, es, 0L, 64L);
        row("Ed25519.verify/10", verify, false, e, 0L, message, 0L, 100L, bytes(64).fill((byte) -1), 0L, 64L);

        MemorySegment p = bytes(65);
        MemorySegment ps = bytes(64);
        MemorySegment ones = bytes(100).fill((byte) -1);
        P256.publicKey(key, 0, p, 0, work, 0);
        EcdsaP256.sign(key, 0, message, 0, 100, ps, 0, work, 0);
        long curve = P256.WORKSPACE_BYTES;
        row("P256.privateKey/6", curve, true, key, 0L, out, 0L);
        row("P256.privateKey/6", curve, false, ones, 0L, out, 0L);
        for (boolean good : new boolean[] {true, false}) {
            row("P256.publicKey/6", curve, good, good ? key : zeros, 0L, out, 0L);
            row("P256.decompress/7", curve, good, good ? p : ones, 0L, 65L, out, 0L);
            row("EcdsaP256.sign/9", EcdsaP256.SIGN_WORKSPACE_BYTES, good, good ? key : ones, 0L, message, 0L, 100L, out, 0L);
            row("EcdsaP256.signDigest/11", EcdsaP256.SIGN_WORKSPACE_BYTES, good, good ? key : zeros, 0L, message, 0L, message, 32L,
                    7L, out, 0L);
            row("EcdsaP256.verify/11", EcdsaP256.VERIFY_WORKSPACE_BYTES, good, p, 0L, 65L, message, 0L, good ? 100L : 99L, ps, 0L,
                    64L);
            row("EcdsaP256.verifyDigest/10", EcdsaP256.VERIFY_WORKSPACE_BYTES, false, good ? p : zeros, 0L, 65L, message, 0L,
                    good ? ps : zeros, 0L, 64L);
        }
        row("EcdsaP256.verify/11", EcdsaP256.VERIFY_WORKSPACE_BYTES, false, p, 0L, 65L, message, 0L, 100L, ps, 0L, 63L);
        row("EcdsaP256.verify/11", EcdsaP256.VERIFY_WORKSPACE_BYTES, false, p, 0L, 64L, message, 0L, 100L, ps, 0L, 64L);
        row("P256.agree/9", curve, Agreement.AGREED, key, 0L, p, 0L, 65L, out, 0L);
        row("P256.agree/9", curve, Agreement.NO_POINT, key, 0L, ones, 0L, 65L, out, 0L);
        row("P256.agree/9", curve, Agreement.BAD_PRIVATE_KEY, zeros, 0L, p, 0L, 65L, out, 0L);
        for (KeyAlgorithm algorithm : List.of(KeyAlgorithm.X25519, KeyAlgorithm.ED25519, KeyAlgorithm.P256, KeyAlgorithm.ML_KEM_512,
                KeyAlgorithm.ML_DSA_44, KeyAlgorithm.SLH_DSA_SHA2_128F)) {
            keys(algorithm, message, work);
        }
        encapsulation(MlKem.ML_KEM_512);
        encapsulation(MlKem.ML_KEM_768);
        lattices(MlDsa.ML_DSA_44, message);
        hashBased(SlhDsa.SHA2_128F, message);
        falcon(Falcon.FALCON_512, message);
        falcon(Falcon.FALCON_1024, message);
        for (HybridGroup group : HybridGroup.values()) {
            hybrid(group);
        }
        xWing();
    }

    private void xWing() {
        XWing kem = XWing.KEM;
        long size = XWing.WORKSPACE_BYTES;
        MemorySegment work = bytes(size);
        MemorySegment seed = filled(XWing.SEED_BYTES);
        MemorySegment ek = bytes(XWing.ENCAPSULATION_KEY_BYTES);
        MemorySegment sealed = bytes(XWing.CIPHERTEXT_BYTES);
        kem.keyPair(seed, 0, ek, 0, bytes(32), 0, work, 0);
        kem.encapsulate(entropy, ek, 0, sealed, 0, bytes(32), 0, work, 0);
        row(kem, "XWing.keyPair/8", size, true, seed, 0L, output(ek.byteSize()), 0L, output(32), 0L);
        for (boolean good : new boolean[] {false, true}) {
            row(kem, "XWing.encapsulate/9", size, good, entropy, good ? ek : bytes(ek.byteSize()), 0L, bytes(sealed.byteSize()), 0L, bytes(32),
                    0L);
            row(kem, "XWing.decapsulate/8", size, good, seed, 0L, good ? sealed : bytes(sealed.byteSize()), 0L, bytes(32), 0L);
        }
    }

    private void keys(KeyAlgorithm algorithm, MemorySegment message, MemorySegment work) throws IOException {
        KeyPair pair = KeyPair.generate(algorithm, secret(algorithm), entropy, work, 0);
        int publicBytes = algorithm.publicKeyBytes();
        PublicKey half = pair.publicKey(bytes(publicBytes), 0);
        Path file = folder.resolve(algorithm + ".pem");
        Path publicFile = folder.resolve(algorithm + ".pub");
        pair.write(file, work, 0);
        half.write(publicFile, work, 0);
        byte[] pem = Files.readAllBytes(file);
        byte[] publicPem = Files.readAllBytes(publicFile);
        long operation = algorithm.workspaceBytes();
        long files = algorithm.derBytesMax() + algorithm.pemBytesMax();
        rows.add(new Row("KeyPair.generate/5", null, operation, KeyPair.class,
                () -> new Object[] {algorithm, secret(algorithm), entropy}));
        Entropy empty = (segment, at, length) -> segment.asSlice(at, length).fill((byte) 0);
        rows.add(new Row("KeyPair.generate/5", null, operation, IllegalStateException.class,
                () -> new Object[] {algorithm, secret(algorithm), empty}));
        EncodedKey privateKey = EncodedKey.in(bytes(pem.length).copyFrom(MemorySegment.ofArray(pem)), 0, pem.length);
        EncodedKey publicKey = EncodedKey.in(bytes(publicPem.length).copyFrom(MemorySegment.ofArray(publicPem)), 0, publicPem.length);
        rows.add(new Row("EncodedKey.keyPair/3", privateKey, operation, KeyPair.class, () -> new Object[] {secret(algorithm)}));
        rows.add(new Row("EncodedKey.keyPair/3", publicKey, operation, KeyFormatException.class, () -> new Object[] {secret(algorithm)}));
        row(publicKey, "EncodedKey.publicKey/4", operation, PublicKey.class, bytes(publicBytes), 0L);
        row(privateKey, "EncodedKey.publicKey/4", operation, KeyFormatException.class, bytes(publicBytes), 0L);
        int[] made = {0};
        rows.add(new Row("KeyPair.write/3", pair, files, null, () -> new Object[] {folder.resolve("made" + made[0]++ + algorithm)}));
        rows.add(new Row("PublicKey.write/3", half, files, null, () -> new Object[] {folder.resolve("half" + made[0]++ + algorithm)}));
        row(pair, "KeyPair.write/3", files, java.nio.file.FileAlreadyExistsException.class, file);
        row(half, "PublicKey.write/3", files, java.nio.file.FileAlreadyExistsException.class, file);
        row(pair, "KeyPair.encodePem/4", algorithm.derBytesMax(), Integer.class, bytes(algorithm.pemBytesMax()), 0L);
        row(half, "PublicKey.encodePem/4", algorithm.derBytesMax(), Integer.class, bytes(algorithm.pemBytesMax()), 0L);
        long length = algorithm.signatureBytes();
        MemorySegment signature = bytes(length);
        for (PrivateKeyForm form : PrivateKeyForm.values()) {
            rows.add(new Row("KeyPair.write/4", pair, files, null, () -> new Object[] {form, folder.resolve("form" + made[0]++ + algorithm)}));
            row(pair, "KeyPair.encodePem/5", algorithm.derBytesMax(), Integer.class, form, bytes(algorithm.pemBytesMax()), 0L);
        }
        if (algorithm == KeyAlgorithm.X25519) {
            row(pair, "KeyPair.agree/7", operation, Agreement.AGREED, half.segment(), 0L, 32L, bytes(32), 0L);
            row(pair, "KeyPair.agree/7", operation, Agreement.NO_POINT, half.segment(), 0L, 31L, bytes(32), 0L);
            row(pair, "KeyPair.agree/7", operation, Agreement.LOW_ORDER, bytes(32), 0L, 32L, bytes(32), 0L);
            row(pair, "KeyPair.sign/7", operation, IllegalStateException.class, message, 0L, 100L, bytes(64), 0L);
            row(pair, "KeyPair.sign/8", operation, IllegalStateException.class, entropy, message, 0L, 100L, bytes(64), 0L);
            row(half, "PublicKey.verify/8", operation, IllegalStateException.class, message, 0L, 100L, signature, 0L, 64L);
        } else if (algorithm.signs()) {
            pair.sign(message, 0, 100, signature, 0, work, 0);
            row(pair, "KeyPair.sign/7", operation, null, message, 0L, 100L, bytes(length), 0L);
            row(pair, "KeyPair.sign/8", operation, null, entropy, message, 0L, 100L, bytes(length), 0L);
            row(half, "PublicKey.verify/8", operation, true, message, 0L, 100L, signature, 0L, length);
            row(half, "PublicKey.verify/8", operation, false, message, 0L, 99L, signature, 0L, length);
        }
        if (algorithm == KeyAlgorithm.P256) {
            row(pair, "KeyPair.agree/7", operation, Agreement.AGREED, half.segment(), 0L, 65L, bytes(32), 0L);
            row(pair, "KeyPair.agree/7", operation, Agreement.NO_POINT, bytes(65), 0L, 65L, bytes(32), 0L);
        }
    }

    private void encapsulation(MlKem kem) {
        long size = kem.workspaceBytes();
        MemorySegment work = bytes(size);
        MemorySegment seed = filled(MlKem.SEED_BYTES);
        MemorySegment ek = bytes(kem.encapsulationKeyBytes());
        MemorySegment dk = bytes(kem.decapsulationKeyBytes());
        MemorySegment sealed = bytes(kem.ciphertextBytes());
        MemorySegment shared = bytes(MlKem.SHARED_BYTES);
        MemorySegment none = filled(kem.decapsulationKeyBytes()).fill((byte) -1);
        kem.keyPair(seed, 0, ek, 0, dk, 0, work, 0);
        kem.encapsulate(entropy, ek, 0, sealed, 0, shared, 0, work, 0);
        row(kem, "MlKem.keyPair/8", size, true, seed, 0L, output(ek.byteSize()), 0L, output(dk.byteSize()), 0L);
        ExpandedEncapsulationKey pub = new ExpandedEncapsulationKey(kem, bytes(ExpandedEncapsulationKey.bytes(kem)), 0);
        ExpandedDecapsulationKey key = new ExpandedDecapsulationKey(kem, bytes(ExpandedDecapsulationKey.bytes(kem)), 0);
        for (boolean good : new boolean[] {false, true}) {
            MemorySegment out = output(sealed.byteSize());
            row(kem, "MlKem.isEncapsulationKey/4", size, good, good ? ek : none, 0L);
            row(kem, "MlKem.isDecapsulationKey/4", size, good, good ? dk : none, 0L);
            row(kem, "MlKem.encapsulate/9", size, good, entropy, good ? ek : none, 0L, out, 0L, output(32), 0L);
            row(kem, "MlKem.decapsulate/8", size, good, good ? dk : none, 0L, sealed, 0L, bytes(32), 0L);
            row(pub, "ExpandedEncapsulationKey.expand/4", size, good, good ? ek : none, 0L);
            row(key, "ExpandedDecapsulationKey.expand/4", size, good, good ? dk : none, 0L);
        }
        gone(s -> new ExpandedEncapsulationKey(kem, s, 0), ExpandedEncapsulationKey.bytes(kem), "ExpandedEncapsulationKey.expand/4", size, ek);
        gone(s -> new ExpandedDecapsulationKey(kem, s, 0), ExpandedDecapsulationKey.bytes(kem), "ExpandedDecapsulationKey.expand/4", size, dk);
        ExpandedEncapsulationKey full = new ExpandedEncapsulationKey(kem, bytes(ExpandedEncapsulationKey.bytes(kem)), 0);
        full.expand(ek, 0, work, 0);
        key = new ExpandedDecapsulationKey(kem, bytes(ExpandedDecapsulationKey.bytes(kem)), 0);
        key.expand(dk, 0, work, 0);
        row(full, "ExpandedEncapsulationKey.encapsulate/7", size, null, entropy, bytes(sealed.byteSize()), 0L, bytes(32), 0L);
        row(full, "ExpandedEncapsulationKey.encapsulate/7", size, IllegalStateException.class,
                (Entropy) (segment, at, length) -> {
                    throw new IllegalStateException("no bytes");
                }, bytes(sealed.byteSize()), 0L, bytes(32), 0L);
        row(key, "ExpandedDecapsulationKey.decapsulate/6", size, null, sealed, 0L, bytes(32), 0L);
    }

    private void hybrid(HybridGroup group) {
        long size = HybridGroup.WORKSPACE_BYTES;
        MemorySegment secret = bytes(96);
        MemorySegment client = bytes(group.clientShareBytes());
        MemorySegment server = bytes(group.serverShareBytes());
        group.share(entropy, secret, 0, client, 0, bytes(size), 0);
        group.answer(entropy, client, 0, client.byteSize(), server, 0, bytes(64), 0, bytes(size), 0);
        row(group, "HybridGroup.share/7", size, null, entropy, bytes(96), 0L, bytes(client.byteSize()), 0L);
        row(group, "HybridGroup.answer/10", HybridGroup.ANSWER_WORKSPACE_BYTES, Agreement.AGREED, entropy, client, 0L, client.byteSize(),
                bytes(server.byteSize()), 0L,
                bytes(64), 0L);
        Agreement none = group == HybridGroup.X25519_MLKEM768 ? Agreement.LOW_ORDER : Agreement.NO_POINT;
        row(group, "HybridGroup.answer/10", HybridGroup.ANSWER_WORKSPACE_BYTES, none, entropy, bytes(client.byteSize()), 0L, client.byteSize(),
                bytes(server.byteSize()), 0L, bytes(64), 0L);
        row(group, "HybridGroup.finish/9", size, Agreement.AGREED, secret, 0L, server, 0L, server.byteSize(), bytes(64), 0L);
        row(group, "HybridGroup.finish/9", size, none, secret, 0L, bytes(server.byteSize()), 0L, server.byteSize(), bytes(64), 0L);
        row(group, "HybridGroup.share/8", size, null, group.curve(), entropy, bytes(96), 0L, bytes(client.byteSize()), 0L);
        row(group, "HybridGroup.answer/11", HybridGroup.ANSWER_WORKSPACE_BYTES, none, group.curve(), entropy, bytes(client.byteSize()), 0L, client.byteSize(),
                bytes(server.byteSize()), 0L, bytes(64), 0L);
        row(group, "HybridGroup.finish/10", size, Agreement.AGREED, group.curve(), secret, 0L, server, 0L, server.byteSize(), bytes(64),
                0L);
    }

    private void lattices(MlDsa dsa, MemorySegment message) {
        long sign = dsa.signWorkspaceBytes();
        long rest = dsa.workspaceBytes();
        long length = dsa.signatureBytes();
        MemorySegment work = bytes(sign);
        MemorySegment seed = filled(32);
        MemorySegment pk = bytes(dsa.publicKeyBytes());
        MemorySegment sk = bytes(dsa.privateKeyBytes());
        MemorySegment none = bytes(dsa.privateKeyBytes()).fill((byte) -1);
        MemorySegment signature = bytes(length);
        MemorySegment context = filled(9);
        MemorySegment mu = filled(64);
        dsa.keyPair(seed, 0, pk, 0, sk, 0, work, 0);
        dsa.sign(MlDsa.DETERMINISTIC, sk, 0, message, 0, 100, context, 0, 9, signature, 0, work, 0);
        ExpandedSigningKey signer = new ExpandedSigningKey(dsa, bytes(ExpandedSigningKey.bytes(dsa)), 0);
        ExpandedVerifyingKey verifier = new ExpandedVerifyingKey(dsa, bytes(ExpandedVerifyingKey.bytes(dsa)), 0);
        signer.expand(sk, 0, work, 0);
        verifier.expand(pk, 0, work, 0);
        gone(s -> new ExpandedSigningKey(dsa, s, 0), ExpandedSigningKey.bytes(dsa), "ExpandedSigningKey.expand/4", sign, sk);
        gone(s -> new ExpandedVerifyingKey(dsa, s, 0), ExpandedVerifyingKey.bytes(dsa), "ExpandedVerifyingKey.expand/4", rest, pk);
        MemorySegment out = output(length);
        row(dsa, "MlDsa.keyPair/8", rest, true, seed, 0L, output(pk.byteSize()), 0L, output(sk.byteSize()), 0L);
        row(dsa, "MlDsa.hashPublicKey/6", rest, null, pk, 0L, bytes(64), 0L);
        row(signer, "ExpandedSigningKey.sign/11", sign, null, entropy, message, 0L, 100L, context, 0L, 9, out, 0L);
        row(signer, "ExpandedSigningKey.signMu/7", sign, null, entropy, mu, 0L, out, 0L);
        row(verifier, "ExpandedVerifyingKey.verifyMu/7", rest, false, mu, 0L, signature, 0L, length);
        row(new ExpandedVerifyingKey(dsa, bytes(ExpandedVerifyingKey.bytes(dsa)), 0), "ExpandedVerifyingKey.expand/4", rest, null, pk, 0L);
        for (boolean good : new boolean[] {false, true}) {
            MemorySegment key = good ? sk : none;
            row(dsa, "MlDsa.sign/13", sign, good, entropy, key, 0L, message, 0L, 100L, context, 0L, 9, out, 0L);
            row(dsa, "MlDsa.publicKey/6", rest, good, key, 0L, output(pk.byteSize()), 0L);
            row(dsa, "MlDsa.signPrehashed/13", sign, good, entropy, key, 0L, Prehash.SHA3_512, mu, 0L, context, 0L, 9, out, 0L);
            row(dsa, "MlDsa.signMu/9", sign, good, entropy, key, 0L, mu, 0L, out, 0L);
            row(new ExpandedSigningKey(dsa, bytes(ExpandedSigningKey.bytes(dsa)), 0), "ExpandedSigningKey.expand/4", sign, good, key, 0L);
            row(dsa, "MlDsa.verify/13", rest, good, pk, 0L, message, 0L, good ? 100L : 99L, context, 0L, 9, signature, 0L, length);
            row(verifier, "ExpandedVerifyingKey.verify/11", rest, good, message, 0L, good ? 100L : 99L, context, 0L, 9, signature, 0L,
                    length);
        }
        row(dsa, "MlDsa.verify/13", rest, false, pk, 0L, message, 0L, 100L, context, 0L, 9, signature, 0L, length - 1);
        row(dsa, "MlDsa.verifyPrehashed/13", rest, false, pk, 0L, Prehash.SHA_224, mu, 0L, context, 0L, 9, signature, 0L, length - 1);
        row(verifier, "ExpandedVerifyingKey.verify/11", rest, false, message, 0L, 100L, context, 0L, 9, signature, 0L, length - 1);
        row(verifier, "ExpandedVerifyingKey.verifyMu/7", rest, false, mu, 0L, signature, 0L, length - 1);
        row(dsa, "MlDsa.verifyPrehashed/13", rest, false, pk, 0L, Prehash.SHA_224, mu, 0L, context, 0L, 9, signature, 0L, length);
        row(dsa, "MlDsa.verifyMu/9", rest, false, pk, 0L, mu, 0L, signature, 0L, length);
    }

    private void hashBased(SlhDsa dsa, MemorySegment message) {
        long size = dsa.workspaceBytes();
        long length = dsa.signatureBytes();
        MemorySegment work = bytes(size);
        MemorySegment seed = filled(dsa.seedBytes());
        MemorySegment pk = bytes(dsa.publicKeyBytes());
        MemorySegment sk = bytes(dsa.privateKeyBytes());
        MemorySegment none = filled(dsa.privateKeyBytes());
        MemorySegment digest = filled(32);
        MemorySegment signature = bytes(length);
        MemorySegment out = output(length);
        dsa.keyPair(seed, 0, pk, 0, sk, 0, work, 0);
        dsa.sign(entropy, sk, 0, message, 0, 100, digest, 0, 9, signature, 0, work, 0);
        row(dsa, "SlhDsa.keyPair/8", size, true, seed, 0L, output(pk.byteSize()), 0L, output(sk.byteSize()), 0L);
        row(dsa, "SlhDsa.signPrehashed/13", size, true, entropy, sk, 0L, Prehash.SHA3_256, digest, 0L, message, 0L, 9, out, 0L);
        row(dsa, "SlhDsa.verifyPrehashed/13", size, false, pk, 0L, Prehash.SHA_224, digest, 0L, message, 0L, 9, signature, 0L, length);
        row(dsa, "SlhDsa.verify/13", size, false, pk, 0L, message, 0L, 100L, digest, 0L, 9, signature, 0L, length - 1);
        for (boolean good : new boolean[] {false, true}) {
            row(dsa, "SlhDsa.sign/13", size, good, entropy, good ? sk : none, 0L, message, 0L, 100L, digest, 0L, 9, out, 0L);
            row(dsa, "SlhDsa.verify/13", size, good, pk, 0L, message, 0L, good ? 100L : 99L, digest, 0L, 9, signature, 0L, length);
        }
    }

    private void falcon(Falcon falcon, MemorySegment message) {
        long sign = falcon.signWorkspaceBytes();
        MemorySegment work = bytes(sign);
        MemorySegment seed = filled(falcon.seedBytes());
        MemorySegment pk = bytes(falcon.publicKeyBytes());
        MemorySegment sk = bytes(falcon.privateKeyBytes());
        MemorySegment none = filled(falcon.privateKeyBytes());
        long length = falcon.signatureBytes();
        MemorySegment signature = bytes(length);
        MemorySegment out = output(length);
        FalconForm form = FalconForm.PADDED;
        falcon.keyPair(seed, 0, pk, 0, sk, 0, work, 0);
        falcon.sign(entropy, sk, 0, message, 0, 100, message, 0, 0, signature, 0, work, 0);
        var expanded = new dev.coffer.crypto.falcon.ExpandedSigningKey(falcon,
                bytes(dev.coffer.crypto.falcon.ExpandedSigningKey.bytes(falcon)), 0);
        expanded.expand(sk, 0, work, 0);
        gone(s -> new dev.coffer.crypto.falcon.ExpandedSigningKey(falcon, s, 0),
                dev.coffer.crypto.falcon.ExpandedSigningKey.bytes(falcon), "ExpandedSigningKey.expand/4", sign, sk);
        row(falcon, "Falcon.keyPair/8", falcon.workspaceBytes(), true, seed, 0L, output(pk.byteSize()), 0L, output(sk.byteSize()), 0L);
        row(expanded, "ExpandedSigningKey.sign/9", sign, (int) length, form, entropy, message, 0L, 100L, out, 0L);
        rows.add(new Row("ExpandedSigningKey.signMessage/8", expanded, sign, (int) length,
                () -> new Object[] {form, entropy, begun(null, message, 100), 0L, out, 0L}));
        long verify = falcon.verifyWorkspaceBytes();
        rows.add(new Row("Falcon.verifyMessage/10", falcon, verify, false,
                () -> new Object[] {form, pk, 0L, begun(signature, message, 100), 0L, signature, 0L, length - 1}));
        row(falcon, "Falcon.verify/11", verify, false, form, pk, 0L, message, 0L, 100L, signature, 0L, length - 1);
        row(falcon, "Falcon.verify/11", verify, false, form, none, 0L, message, 0L, 100L, signature, 0L, length);
        for (boolean good : new boolean[] {false, true}) {
            MemorySegment key = good ? sk : none;
            row(falcon, "Falcon.sign/13", sign, good, entropy, key, 0L, message, 0L, 100L, message, 0L, 0, out, 0L);
            row(falcon, "Falcon.sign/11", sign, good ? (int) length : 0, form, entropy, key, 0L, message, 0L, 100L, out, 0L);
            row(falcon, "Falcon.publicKey/6", falcon.workspaceBytes(), good, key, 0L, output(pk.byteSize()), 0L);
            rows.add(new Row("Falcon.signMessage/10", falcon, sign, good ? (int) length : 0,
                    () -> new Object[] {form, entropy, key, 0L, begun(null, message, 100), 0L, out, 0L}));
            rows.add(new Row("Falcon.verifyMessage/10", falcon, verify, good,
                    () -> new Object[] {form, pk, 0L, begun(signature, message, good ? 100 : 99), 0L, signature, 0L, length}));
            row(falcon, "Falcon.verify/13", falcon.workspaceBytes(), good, pk, 0L, message, 0L, good ? 100L : 99L, message, 0L, 0, signature, 0L, length);
            row(falcon, "Falcon.verify/11", verify, good, form, pk, 0L, message, 0L, good ? 100L : 99L, signature, 0L, length);
            row(new dev.coffer.crypto.falcon.ExpandedSigningKey(falcon,
                    bytes(dev.coffer.crypto.falcon.ExpandedSigningKey.bytes(falcon)), 0), "ExpandedSigningKey.expand/4", sign, good, key, 0L);
        }
    }

    /// What is locked under a passphrase is opened where it lies, so it is there anew for each call.
    private void locked(String operation, long work, Object answer, byte[] file) {
        for (String phrase : List.of(Pkcs12Files.PASSPHRASE, "another")) {
            byte[] of = phrase.getBytes(StandardCharsets.UTF_8);
            rows.add(new Row(operation, null, work, phrase.equals("another") ? KeyFormatException.class : answer, () -> new Object[] {
                    bytes(file.length).copyFrom(MemorySegment.ofArray(file)), 0L, (long) file.length,
                    bytes(of.length).copyFrom(MemorySegment.ofArray(of)), 0L, of.length}));
        }
    }

    /// A message of Falcon that is to be verified, or (null) signed.
    private MemorySegment begun(MemorySegment signature, MemorySegment message, int length) {
        MemorySegment state = bytes(FalconMessage.STATE_BYTES);
        if (signature == null) {
            FalconMessage.beginSigning(entropy, state, 0);
        } else {
            FalconMessage.beginVerifying(signature, 0, signature.byteSize(), state, 0);
        }
        FalconMessage.update(message, 0, length, state, 0);
        return state;
    }
}
