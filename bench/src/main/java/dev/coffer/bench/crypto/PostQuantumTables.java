package dev.coffer.bench.crypto;

import dev.coffer.bench.table.Row;
import dev.coffer.bench.table.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The tables of ML-KEM, ML-DSA, SLH-DSA and Falcon, one name for each parameter set: each operation beside the JDK's and Bouncy Castle's (the
/// latter two: Bouncy Castle's),
/// with what is aimed at as the multiple of our time that a peer should take.
public final class PostQuantumTables {
    private PostQuantumTables() {}

    /// An operation, its benchmarks, and our aims: at most so many times the JDK's and Bouncy Castle's time.
    private record Operation(String title, String peer, String ours, String expanded, double jdk, double bouncyCastle) {}

    public static List<Table> all() {
        List<Operation> kem = List.of(new Operation("key generation", "keyPair", "keyPairKem", "", 1.5, 0.9),
                new Operation("encapsulation", "encapsulate", "encapsulate", "encapsulateExpanded", 1.5, 0.9),
                new Operation("decapsulation", "decapsulate", "decapsulate", "decapsulateExpanded", 1.6, 0.9));
        List<Operation> dsa = List.of(new Operation("key generation", "keyPair", "keyPairDsa", "", 1.0, 0.9),
                new Operation("signing 50 bytes, hedged", "sign", "sign", "signExpanded", 1.9, 0.95),
                new Operation("verifying 50 bytes", "verify", "verify", "verifyExpanded", 0.7, 0.55));
        List<Table> tables = new ArrayList<>();
        for (String set : List.of("ML-KEM-512", "ML-KEM-768", "ML-KEM-1024")) {
            kem.forEach(operation -> tables.add(table(set, operation)));
        }
        for (String set : List.of("ML-DSA-44", "ML-DSA-65", "ML-DSA-87")) {
            dsa.forEach(operation -> tables.add(table(set, operation)));
        }
        for (String set : List.of("SLH-DSA-SHAKE-128f", "SLH-DSA-SHA2-128f")) {
            double strict = set.contains("SHAKE") ? 0.85 : 1.0;
            double fast = set.contains("SHAKE") ? 0.35 : 0.3;
            tables.add(hashTable(set, "key generation", "keyPair", strict, fast));
            tables.add(hashTable(set, "signing 50 bytes, hedged", "sign", strict, fast));
            tables.add(hashTable(set, "verifying 50 bytes", "verify", 0.9, 0.4));
        }
        for (String set : List.of("Falcon-512", "Falcon-1024")) {
            tables.add(falconTable(set, "key generation", "keyPair", List.of(), 1.1));
            tables.add(falconTable(set, "signing 50 bytes", "sign",
                    List.of(Row.of("Coffer, strict, expanded key", "FalconBench.signExpanded").param("set", set)), 0.95));
            tables.add(falconTable(set, "verifying 50 bytes", "verify", List.of(), 0.8));
        }
        return List.copyOf(tables);
    }

    private static Table falconTable(String set, String title, String operation, List<Row> expanded, double most) {
        List<Row> rows = new ArrayList<>();
        rows.add(Row.of("**Coffer**, strict", "FalconBench." + operation).param("set", set));
        rows.addAll(expanded);
        rows.add(Row.of("Bouncy Castle", "FalconBench." + operation + "Peer").param("set", set).timesLeast(times(most)));
        return new Table(set.toLowerCase(Locale.ROOT), set + ", " + title, List.copyOf(rows));
    }

    private static Table table(String set, Operation operation) {
        List<Row> rows = new ArrayList<>();
        rows.add(Row.of("**Coffer**, strict", "PostQuantumBench." + operation.ours).param("set", set));
        if (!operation.expanded.isEmpty()) {
            rows.add(Row.of("Coffer, strict, expanded key", "PostQuantumBench." + operation.expanded).param("set", set));
        }
        rows.add(peer("JDK", "JDK", operation.peer + "Peer", set).timesLeast(times(operation.jdk)));
        if (operation.peer.equals("decapsulate")) {
            rows.add(peer("JDK, decapsulator made anew, so that the key is checked", "JDK", "decapsulateNewPeer", set));
        }
        rows.add(peer("Bouncy Castle", "BC", operation.peer + "Peer", set).timesLeast(times(operation.bouncyCastle)));
        return new Table(set.toLowerCase(Locale.ROOT), set + ", " + operation.title, List.copyOf(rows));
    }

    private static Table hashTable(String set, String title, String operation, double strict, double fast) {
        return new Table(set.toLowerCase(Locale.ROOT), set + ", " + title,
                List.of(Row.of("**Coffer**, strict", "HashSignaturesBench." + operation).param("set", set),
                        Row.of("Bouncy Castle", "HashSignaturesBench." + operation + "Peer").param("set", set).timesLeast(times(strict)),
                        Row.of("**Coffer**, fast", "HashSignaturesBench." + operation).param("set", set).param("profile", "fast"),
                        Row.of("Bouncy Castle again", "HashSignaturesBench." + operation + "Peer").param("set", set)
                                .timesLeast(times(fast))));
    }

    private static Row peer(String label, String provider, String benchmark, String set) {
        return Row.of(label, "PostQuantumBench." + benchmark).param("set", set).param("provider", provider);
    }

    /// {@return 1 / most, to two digits}
    private static double times(double most) {
        return Math.round(100 / most) / 100.0;
    }
}
