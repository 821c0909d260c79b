package dev.coffer.cli;

import dev.coffer.crypto.libcrypto.Libcrypto;
import dev.coffer.crypto.libcrypto.LibcryptoConfig;

/// libcrypto has its memory from whoever opens it first in a process. Of these tests, which share a few processes in no order that is known before, that is always this class: with enough for
/// each of them.
final class FirstLibrary {
    static {
        Libcrypto.find(LibcryptoConfig.defaults().withKeyBytes(1 << 20).withRsa(16, 8)).ifPresent(Libcrypto::close);
    }

    private FirstLibrary() {}

    /// The class is there, and has opened it.
    static void opened() {}
}
