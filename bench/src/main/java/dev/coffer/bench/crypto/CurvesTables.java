package dev.coffer.bench.crypto;

import dev.coffer.bench.table.Row;
import dev.coffer.bench.table.Table;
import java.util.List;

/// The tables of the curves, all of one name: each operation beside the JDK's and Bouncy Castle's, ratios to our row.
public final class CurvesTables {
    private static final String NAME = "crypto-curves";

    private CurvesTables() {}

    public static List<Table> all() {
        return List.of(
                new Table(NAME, "X25519, public key of a private one; the peers draw the private key too",
                        rows("x25519KeyCoffer", "keyPeer", "X25519")),
                new Table(NAME, "X25519, agreement", rows("x25519Coffer", "agreePeer", "X25519",
                        Row.of("Bouncy Castle, low level", "CurvesBench.x25519Low"))),
                new Table(NAME, "Ed25519, signing 64 bytes", rows("ed25519SignCoffer", "signPeer", "Ed25519",
                        Row.of("Bouncy Castle, low level", "CurvesBench.ed25519SignLow"))),
                new Table(NAME, "Ed25519, verifying 64 bytes", rows("ed25519VerifyCoffer", "verifyPeer", "Ed25519",
                        Row.of("Bouncy Castle, low level", "CurvesBench.ed25519VerifyLow"))),
                new Table(NAME, "P-256, public key of a private one; the peers draw the private key too",
                        rows("p256KeyCoffer", "keyPeer", "EC")),
                new Table(NAME, "P-256, ECDH with checks of the peer's point", rows("p256Coffer", "agreePeer", "EC")),
                new Table(NAME, "P-256, ECDSA, signing 64 bytes", rows("p256SignCoffer", "signPeer", "EC")),
                new Table(NAME, "P-256, ECDSA, verifying 64 bytes", rows("p256VerifyCoffer", "verifyPeer", "EC")));
    }

    private static List<Row> rows(String ours, String theirs, String algorithm, Row... more) {
        Row peer = Row.of("", "CurvesBench." + theirs).param("algorithm", algorithm);
        List<Row> rows = new java.util.ArrayList<>(List.of(
                Row.of("Coffer", "CurvesBench." + ours),
                named("JDK", peer.param("provider", "JDK")),
                named("Bouncy Castle", peer.param("provider", "BC"))));
        rows.addAll(List.of(more));
        return List.copyOf(rows);
    }

    private static Row named(String label, Row row) {
        return new Row(label, row.benchmark(), row.threads(), row.params(), row.jvm(), row.none());
    }
}
