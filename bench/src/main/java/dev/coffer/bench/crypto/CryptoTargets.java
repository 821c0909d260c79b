package dev.coffer.bench.crypto;

import dev.coffer.bench.table.Row;
import dev.coffer.bench.table.Targets;
import dev.coffer.bench.table.Targets.Aim;
import dev.coffer.bench.table.Targets.Target;
import java.util.ArrayList;
import java.util.List;

/// What was aimed at before the algorithms were written, operation by operation and whole: beside the JDK and Bouncy Castle, strict and fast.
public final class CryptoTargets {
    /// What `bench/run` calls it.
    public static final String NAME = "crypto-targets";

    private static final Row NO_JDK = Row.none("", "has none");
    private static final Row NO_FAST = Row.none("", "as strict");
    private static final String EXPANDED = "expanded key";

    private CryptoTargets() {}

    public static Targets table() {
        List<Target> all = new ArrayList<>();
        mlKem(all);
        mlDsa(all);
        slhDsa(all, "SLH-DSA-SHAKE-128f", new Aim(0, 0.85), new Aim(0, 0.35));
        slhDsa(all, "SLH-DSA-SHA2-128f", new Aim(0, 1.0), new Aim(0, 0.3));
        falcon(all);
        hashes(all);
        ciphers(all);
        curves(all);
        return new Targets(NAME, "each operation that something was aimed at; in brackets the aim, at most so many times the peer's time, bold"
                + " where it is missed", List.copyOf(all));
    }

    private static void mlKem(List<Target> all) {
        String set = "ML-KEM-768";
        Aim fast = new Aim(1.0, 0);
        all.add(lattice(set, "key generation", "keyPairKem", "", "keyPair", new Aim(1.5, 0.9), fast));
        all.add(lattice(set, "encapsulation", "encapsulate", "encapsulateExpanded", "encapsulate", new Aim(1.5, 0.9), fast));
        all.add(lattice(set, "decapsulation", "decapsulate", "decapsulateExpanded", "decapsulate", new Aim(1.6, 0.9), fast));
    }

    private static void mlDsa(List<Target> all) {
        String set = "ML-DSA-65";
        all.add(lattice(set, "key generation", "keyPairDsa", "", "keyPair", new Aim(1.0, 0.9), new Aim(0.6, 0)));
        all.add(lattice(set, "signing", "sign", "signExpanded", "sign", new Aim(1.9, 0.95), new Aim(0.6, 0)));
        all.add(lattice(set, "verifying", "verify", "verifyExpanded", "verify", new Aim(0.7, 0.55), new Aim(0.7, 0.55)));
    }

    /// @param expanded  our benchmark with an expanded key; empty where there is none
    private static Target lattice(String set, String words, String ours, String expanded, String peer, Aim strict, Aim fast) {
        String in = "PostQuantumBench.";
        Row theirs = Row.of("", in + peer + "Peer").param("set", set);
        return new Target(set + " " + words, Row.of("", in + ours).param("set", set), strict,
                expanded.isEmpty() ? NO_FAST : Row.of(EXPANDED, in + expanded).param("set", set), fast,
                theirs.param("provider", "JDK"), theirs.param("provider", "BC"));
    }

    private static void slhDsa(List<Target> all, String set, Aim strict, Aim fast) {
        String in = "HashSignaturesBench.";
        for (String[] words : new String[][] {{"key generation", "keyPair"}, {"signing", "sign"}, {"verifying", "verify"}}) {
            Row ours = Row.of("", in + words[1]).param("set", set);
            boolean verifies = words[1].equals("verify");
            all.add(new Target(set + " " + words[0], ours.param("profile", "strict"), verifies ? new Aim(0, 0.9) : strict,
                    ours.param("profile", "fast"), verifies ? new Aim(0, 0.4) : fast, NO_JDK,
                    Row.of("", in + words[1] + "Peer").param("set", set).param("profile", "strict")));
        }
    }

    private static void falcon(List<Target> all) {
        String set = "Falcon-512";
        String in = "FalconBench.";
        all.add(new Target(set + " key generation", Row.of("", in + "keyPair").param("set", set), new Aim(0, 1.1), NO_FAST, Aim.NONE, NO_JDK,
                Row.of("", in + "keyPairPeer").param("set", set)));
        all.add(new Target(set + " signing", Row.of("", in + "sign").param("set", set), new Aim(0, 0.95),
                Row.of(EXPANDED, in + "signExpanded").param("set", set), new Aim(0, 0.55), NO_JDK,
                Row.of("", in + "signPeer").param("set", set)));
        all.add(new Target(set + " verifying", Row.of("", in + "verify").param("set", set), new Aim(0, 0.8), NO_FAST, Aim.NONE, NO_JDK,
                Row.of("", in + "verifyPeer").param("set", set)));
    }

    private static void hashes(List<Target> all) {
        for (String bytes : List.of("64", "16384")) {
            Row sha = Row.of("", "").param("algorithm", "SHA3-256").param("bytes", bytes);
            all.add(new Target("SHA3-256, " + bytes + " B", of(sha, "SymmetricBench.hashCoffer"), new Aim(0.65, 0.9), NO_FAST, Aim.NONE,
                    of(sha, "SymmetricBench.hashJdk"), of(sha, "SymmetricBench.hashBouncyCastle")));
        }
        for (String bytes : List.of("64", "16384")) {
            Row shake = Row.of("", "").param("bytes", bytes);
            all.add(new Target("SHAKE128, " + bytes + " B", of(shake, "ShakeBench.hashCoffer"), new Aim(0.65, 0.9), NO_FAST, Aim.NONE,
                    of(shake, "ShakeBench.hashJdk"), of(shake, "ShakeBench.hashBouncyCastle")));
        }
        Row four = Row.of("", "").param("bytes", "64");
        all.add(new Target("SHAKE128 of four public seeds", Row.none("", "lanes where they serve"), Aim.NONE, of(four, "ShakeBench.fourCoffer"),
                new Aim(0.25, 0), of(four, "ShakeBench.fourJdk"), of(four, "ShakeBench.fourBouncyCastle")));
    }

    private static void ciphers(List<Target> all) {
        String chaCha = "chacha20-poly1305";
        seal(all, "ChaCha20-Poly1305", chaCha, chaCha + "-fast", "sealJdk", "64", new Aim(0.5, 0.6), new Aim(0.5, 0.6));
        seal(all, "ChaCha20-Poly1305", chaCha, chaCha + "-fast", "sealJdk", "1024", new Aim(2.8, 0.5), new Aim(1.6, 0.28));
        seal(all, "ChaCha20-Poly1305", chaCha, chaCha + "-fast", "sealJdk", "16384", new Aim(7, 0.5), new Aim(4, 0.28));
        for (String bytes : List.of("64", "1024", "16384")) {
            seal(all, "AES-256-GCM", "aes-256-gcm", "aes-256-gcm-accelerated", "sealJdkDirect", bytes, new Aim(0, 1.3), new Aim(1.1, 0));
        }
    }

    private static void seal(List<Target> all, String name, String strict, String fast, String jdk, String bytes, Aim aim, Aim fastAim) {
        Row sized = Row.of("", "").param("bytes", bytes);
        Row ours = of(sized, "SymmetricBench.sealCoffer");
        all.add(new Target(name + ", " + bytes + " B", ours.param("algorithm", strict), aim, ours.param("algorithm", fast), fastAim,
                of(sized, "SymmetricBench." + jdk).param("algorithm", strict),
                of(sized, "SymmetricBench.sealBouncyCastle").param("algorithm", strict)));
    }

    private static Row of(Row like, String benchmark) {
        return new Row(like.label(), benchmark, like.threads(), like.params(), like.jvm(), like.none());
    }

    private static void curves(List<Target> all) {
        curve(all, "X25519 agreement", "x25519Coffer", "agreePeer", "X25519", new Aim(0.75, 1.25));
        curve(all, "Ed25519 signing", "ed25519SignCoffer", "signPeer", "Ed25519", new Aim(0.25, 1.5));
        curve(all, "Ed25519 verifying", "ed25519VerifyCoffer", "verifyPeer", "Ed25519", new Aim(0.4, 1.5));
        curve(all, "ECDSA P-256 signing", "p256SignCoffer", "signPeer", "EC", new Aim(1.0, 2));
        curve(all, "ECDSA P-256 verifying", "p256VerifyCoffer", "verifyPeer", "EC", new Aim(0.5, 2));
        curve(all, "ECDH P-256", "p256Coffer", "agreePeer", "EC", new Aim(0.4, 2));
    }

    private static void curve(List<Target> all, String operation, String ours, String theirs, String algorithm, Aim aim) {
        Row peer = Row.of("", "CurvesBench." + theirs).param("algorithm", algorithm);
        all.add(new Target(operation, Row.of("", "CurvesBench." + ours), aim, NO_FAST, Aim.NONE, peer.param("provider", "JDK"),
                peer.param("provider", "BC")));
    }
}
