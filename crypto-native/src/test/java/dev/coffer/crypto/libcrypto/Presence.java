package dev.coffer.crypto.libcrypto;

import static org.junit.jupiter.api.Assumptions.abort;

/// Where the system has no libcrypto of version 3 these tests are skipped in one line that says so; where it has one that does not open
/// they fail.
final class Presence {
    private Presence() {}

    static Libcrypto open(LibcryptoConfig config) {
        if (LibraryCalls.OBSTACLE.endsWith("was not found")) {
            abort(LibraryCalls.OBSTACLE);
        }
        return Libcrypto.open(config);
    }
}
