package dev.coffer.cli;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.Hash;
import dev.coffer.crypto.Kem;
import dev.coffer.crypto.Mac;
import dev.coffer.crypto.Signature;
import dev.coffer.crypto.Xof;
import dev.coffer.crypto.argon2.Argon2Cost;
import dev.coffer.crypto.hybrid.HybridGroup;
import dev.coffer.crypto.kdf.Hkdf;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.PrivateKeyForm;
import dev.coffer.crypto.stream.SealedStream;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `coffer algorithms`: every algorithm with its sizes and what its operations take, as the code's own constants say it.
@Command(name = "algorithms", mixinStandardHelpOptions = true, versionProvider = Coffer.Version.class,
        description = {"Print every algorithm with every size and the working memory of its operations, in bytes.",
                "Working memory is all that an operation takes beside its inputs and outputs; it is zero afterwards. "
                        + "coffer plan --algorithm NAME shows what lies where in it."})
final class AlgorithmsCommand implements Callable<Integer> {
    private static final List<Hash> HASHES = List.of(Hash.SHA_256, Hash.SHA_384, Hash.SHA_512, Hash.SHA3_224, Hash.SHA3_256, Hash.SHA3_384,
            Hash.SHA3_512, Hash.KECCAK_256, Hash.BLAKE2B_256, Hash.BLAKE2B_512);
    private static final List<Mac> MACS = List.of(Mac.HMAC_SHA_256, Mac.HMAC_SHA_384, Mac.HMAC_SHA_512, Mac.HMAC_SHA3_224,
            Mac.HMAC_SHA3_256, Mac.HMAC_SHA3_384, Mac.HMAC_SHA3_512, Mac.KMAC_128, Mac.KMAC_256);
    private static final List<Aead> AEADS = List.of(Aead.CHACHA20_POLY1305, Aead.XCHACHA20_POLY1305, Aead.AES_128_GCM, Aead.AES_256_GCM);

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        signatures(out);
        encapsulation(out);
        groups(out);
        symmetric(out);
        out.flush();
        return ExitCode.DONE;
    }

    private static void signatures(PrintWriter out) {
        out.println("Signatures");
        row(out, "", "seed", "public key", "private key", "in a file", "signature", "to sign", "to verify, generate");
        for (KeyAlgorithm algorithm : KeyAlgorithm.values()) {
            Signature scheme = algorithm.signature();
            if (scheme != null) {
                row(out, AnyName.name(algorithm), scheme.seedBytes(), algorithm.publicKeyBytes(), algorithm.privateKeyBytes(),
                        algorithm.pkcs8Bytes(PrivateKeyForm.SEED), scheme.signatureBytes(), scheme.signWorkspaceBytes(),
                        scheme.workspaceBytes());
            }
        }
    }

    private static void encapsulation(PrintWriter out) {
        out.println();
        out.println("Key encapsulation and exchange");
        row(out, "", "seed", "public key", "private key", "in a file", "ciphertext", "shared secret", "each operation");
        for (KeyAlgorithm algorithm : KeyAlgorithm.values()) {
            Kem kem = algorithm.kem();
            if (kem != null) {
                row(out, AnyName.name(algorithm), kem.seedBytes(), kem.encapsulationKeyBytes(), kem.decapsulationKeyBytes(),
                        algorithm.pkcs8Bytes(PrivateKeyForm.SEED), kem.ciphertextBytes(), kem.sharedBytes(), kem.workspaceBytes());
            }
        }
    }

    private static void groups(PrintWriter out) {
        out.println();
        out.println("Groups of TLS 1.3");
        row(out, "", "kept", "client share", "server share", "", "", "shared secret", "each operation");
        for (HybridGroup group : HybridGroup.values()) {
            row(out, group.tlsName(), HybridGroup.CLIENT_SECRET_BYTES, group.clientShareBytes(), group.serverShareBytes(), "", "",
                    HybridGroup.SHARED_BYTES, HybridGroup.WORKSPACE_BYTES);
        }
    }

    private static void symmetric(PrintWriter out) {
        out.println();
        out.println("Hashes and MACs");
        row(out, "", "output", "block", "", "", "", "", "state");
        HASHES.forEach(hash -> row(out, hash.name(), hash.digestBytes(), hash.blockBytes(), "", "", "", "", hash.stateBytes()));
        for (Xof xof : List.of(Xof.SHAKE_128, Xof.SHAKE_256)) {
            row(out, xof.name(), "any", "", "", "", "", "", Xof.STATE_BYTES);
        }
        MACS.forEach(mac -> row(out, mac.name(), mac.tagBytes(), "", "", "", "", "", mac.stateBytes()));
        out.println();
        out.println("Authenticated encryption");
        row(out, "", "key", "nonce", "tag", "", "", "key in use", "each operation");
        AEADS.forEach(aead -> row(out, aead.name(), aead.keyBytes(), aead.nonceBytes(), Aead.TAG_BYTES, "", "", aead.scheduleBytes(),
                aead.workspaceBytes()));
        row(out, "sealed stream", SealedStream.KEY_BYTES, "", "", "", "", "", SealedStream.plan().totalBytes());
        out.println();
        out.println("Key derivation");
        row(out, "", "output", "", "", "", "", "", "each operation");
        row(out, "HKDF-SHA-256", "at most " + Hkdf.SHA_256.lengthMax(), "", "", "", "", "", Hkdf.SHA_256.workspaceBytes());
        row(out, "HKDF-SHA-384", "at most " + Hkdf.SHA_384.lengthMax(), "", "", "", "", "", Hkdf.SHA_384.workspaceBytes());
        row(out, "HKDF-SHA-512", "at most " + Hkdf.SHA_512.lengthMax(), "", "", "", "", "", Hkdf.SHA_512.workspaceBytes());
        row(out, "Argon2id, 64 MiB", "4 or more", "", "", "", "", "", Argon2Cost.SECOND_RECOMMENDED.memoryBytes());
    }

    private static void row(PrintWriter out, String name, Object... values) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "  %-20s", name));
        for (int i = 0; i < values.length; i++) {
            String value = values[i] instanceof Number number ? String.format(Locale.ROOT, "%,d", number.longValue()) : values[i].toString();
            line.append(String.format(Locale.ROOT, i == values.length - 1 ? "  %20s" : "  %13s", value));
        }
        out.println(line.toString().stripTrailing());
    }
}
