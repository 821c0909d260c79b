package dev.coffer.server;

import dev.coffer.memory.Account;
import dev.coffer.memory.MemoryPlan;

/// An account of a site that stands behind another one, named by the path of its row from the site's own row on.
record RowAccount(Account account, String name) implements Account {
    /// @param site  the site's row
    RowAccount(Account account, MemoryPlan site) {
        this(account, path(site, account.name()));
    }

    /// {@return the path of the row that the name means, else the name: the ledger will say what is wrong with it}
    private static String path(MemoryPlan row, String name) {
        if (name.equals(row.name()) || name.startsWith(row.name() + "/")) {
            return name;
        }
        for (MemoryPlan child : row.children()) {
            String path = path(child, name);
            if (path.equals(child.name()) || path.startsWith(child.name() + "/")) {
                return row.name() + "/" + path;
            }
        }
        return name;
    }

    @Override
    public long capacityBytes() {
        return account.capacityBytes();
    }

    @Override
    public long usedBytes() {
        return account.usedBytes();
    }

    @Override
    public long peakBytes() {
        return account.peakBytes();
    }
}
