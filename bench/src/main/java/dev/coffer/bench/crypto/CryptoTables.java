package dev.coffer.bench.crypto;

import dev.coffer.bench.table.Row;
import dev.coffer.bench.table.Table;
import java.util.ArrayList;
import java.util.List;

/// The tables of the crypto room.
public final class CryptoTables {
    private static final List<String> SIZES = List.of("64", "1024", "16384");

    private CryptoTables() {}

    public static List<Table> all() {
        return List.of(
                new Table("crypto-symmetric", "seal one message, 13 bytes of associated data, fresh nonce; SHA3-256 of one"
                        + " message; ratios to the bold row above", symmetric()),
                new Table("crypto-native", "seal one message, 13 bytes of associated data, fresh nonce; by the system's libcrypto, by the"
                        + " pure form and by the JDK; ratios to the bold row above", natives()),
                new Table("crypto-hash", "SHA-256 and SHA-512 of one message; ratios to the bold row above", hashes()));
    }

    private static List<Row> symmetric() {
        List<Row> rows = new ArrayList<>();
        for (String bytes : SIZES) {
            String chaCha = "chacha20-poly1305";
            rows.add(row("**Coffer ChaCha20-Poly1305, strict**", "sealCoffer", chaCha, bytes));
            rows.add(row("Coffer ChaCha20-Poly1305, fast", "sealCoffer", chaCha + "-fast", bytes));
            rows.add(row("JDK ChaCha20-Poly1305", "sealJdk", chaCha, bytes));
            rows.add(row("JDK ChaCha20-Poly1305, direct buffers", "sealJdkDirect", chaCha, bytes));
            rows.add(row("Bouncy Castle ChaCha20-Poly1305", "sealBouncyCastle", chaCha, bytes));
        }
        for (String bytes : SIZES) {
            rows.add(row("**Coffer AES-256-GCM, strict**", "sealCoffer", "aes-256-gcm", bytes));
            rows.add(row("JDK AES-256-GCM", "sealJdk", "aes-256-gcm", bytes));
            rows.add(row("JDK AES-256-GCM, direct buffers", "sealJdkDirect", "aes-256-gcm", bytes));
            rows.add(row("Bouncy Castle AES-256-GCM", "sealBouncyCastle", "aes-256-gcm", bytes));
        }
        rows.addAll(hash("SHA3-256"));
        return rows;
    }

    private static List<Row> natives() {
        List<Row> rows = new ArrayList<>();
        for (String algorithm : List.of("aes-256-gcm", "chacha20-poly1305")) {
            for (String bytes : SIZES) {
                rows.add(row("**Coffer " + algorithm + ", native**", "sealCoffer", algorithm + "-native", bytes));
                rows.add(row("Coffer " + algorithm + ", native, two keys by turns in one context", "sealByTurns", algorithm + "-native", bytes));
                rows.add(row("Coffer " + algorithm + ", strict", "sealCoffer", algorithm, bytes));
                rows.add(row("JDK " + algorithm, "sealJdk", algorithm, bytes));
            }
        }
        return rows;
    }

    private static List<Row> hashes() {
        List<Row> rows = new ArrayList<>(hash("SHA-256"));
        rows.addAll(hash("SHA-512"));
        return rows;
    }

    private static List<Row> hash(String name) {
        List<Row> rows = new ArrayList<>();
        for (String bytes : SIZES) {
            rows.add(row("**Coffer " + name + "**", "hashCoffer", name, bytes));
            rows.add(row("JDK " + name, "hashJdk", name, bytes));
            rows.add(row("Bouncy Castle " + name, "hashBouncyCastle", name, bytes));
        }
        return rows;
    }

    private static Row row(String label, String benchmark, String algorithm, String bytes) {
        return Row.of(label + ", " + bytes + " B", "SymmetricBench." + benchmark).param("algorithm", algorithm)
                .param("bytes", bytes);
    }
}
