package dev.coffer.crypto.libcrypto;

import dev.coffer.memory.Account;
import dev.coffer.testkit.Refusals.Opening;
import java.util.List;

/// The library, opened: for [LibcryptoChild], in classes that a loader puts the steps of a refusal in.
public final class LibcryptoOpenings {
    private static List<Account> heaps = List.of();
    private static long least = Long.MAX_VALUE;

    private LibcryptoOpenings() {}

    /// {@return the opening; where it is refused the library has what it had before}
    public static Opening all() {
        return new Opening("crypto.libcrypto.Libcrypto.open", () -> {
            Libcrypto opened = Libcrypto.open(LibcryptoConfig.defaults().withContexts(2));
            if (heaps.isEmpty()) {  // the process's, so those of the first opening
                heaps = LibcryptoOpenings.accounts(opened);
            }
            return () -> {
                opened.close();
                least = Math.min(least, used());
            };
        }, () -> {
            if (used() > least) {
                throw new IllegalStateException("the library holds " + used() + " bytes, before " + least);
            }
        });
    }

    private static List<Account> accounts(Libcrypto opened) {
        boolean told = false;
        try {
            List<Account> accounts = opened.accounts();
            told = true;
            return accounts;
        } finally {
            if (!told) {
                opened.close();
            }
        }
    }

    private static long used() {
        return heaps.stream().mapToLong(Account::usedBytes).sum();
    }
}
