package dev.coffer.crypto.libcrypto;

import static org.junit.jupiter.api.Assumptions.abort;

/// Where the system has no libcrypto of version 3 these tests are skipped in one line that says so; where it has one that does not open
/// they fail.
final class Presence {
    /// The first opening of a process decides how much memory there is: enough for all tests that may share it, in any order.
    static final LibcryptoConfig FIRST = LibcryptoConfig.defaults().withRsa(3, 2);

    private static boolean decided;

    private Presence() {}

    static synchronized Libcrypto open(LibcryptoConfig config) {
        if (LibraryCalls.OBSTACLE.endsWith("was not found")) {
            abort(LibraryCalls.OBSTACLE);
        }
        if (!decided) {
            Libcrypto.open(FIRST).close();
            decided = true;
        }
        return Libcrypto.open(config);
    }
}
