package dev.coffer.cli;

import dev.coffer.crypto.Kem;
import dev.coffer.crypto.Signature;
import dev.coffer.crypto.argon2.Argon2Cost;
import dev.coffer.crypto.falcon.Falcon;
import dev.coffer.crypto.hybrid.XWing;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.mldsa.MlDsa;
import dev.coffer.crypto.mlkem.MlKem;
import dev.coffer.crypto.slhdsa.SlhDsa;
import dev.coffer.memory.MemoryPlan;
import java.util.ArrayList;
import java.util.List;

/// What lies where in the workspaces of an algorithm, as the plans that their layouts print. An algorithm whose layout has no plan shows
/// one row of its length; a new one with a plan is a line here.
final class WorkingMemory {
    private WorkingMemory() {}

    /// A layout, and what it serves.
    record Workspace(String operations, MemoryPlan plan) {}

    /// {@return the workspaces of an algorithm's operations}
    static List<Workspace> of(KeyAlgorithm algorithm) {
        List<Workspace> all = new ArrayList<>();
        Kem kem = algorithm.kem();
        Signature signature = algorithm.signature();
        if (kem != null) {
            all.add(new Workspace("key generation, encapsulation, decapsulation", switch (kem) {
                case MlKem mlKem -> mlKem.plan();
                case XWing xWing -> XWing.plan();
                default -> opaque(kem.name(), kem.workspaceBytes());
            }));
        }
        if (signature != null) {
            switch (signature) {
                case MlDsa mlDsa -> {
                    all.add(new Workspace("signing", mlDsa.signPlan()));
                    all.add(new Workspace("key generation, verifying", mlDsa.plan()));
                }
                case SlhDsa slhDsa -> all.add(new Workspace("key generation, signing, verifying", slhDsa.plan()));
                case Falcon falcon -> {
                    all.add(new Workspace("signing", falcon.signPlan()));
                    all.add(new Workspace("key generation", falcon.plan()));
                    all.add(new Workspace("verifying", falcon.verifyPlan()));
                }
                default -> {
                    all.add(new Workspace("signing", opaque(signature.name() + " signing", signature.signWorkspaceBytes())));
                    all.add(new Workspace("key generation, verifying", opaque(signature.name(), signature.workspaceBytes())));
                }
            }
        }
        return all;
    }

    /// {@return the memory of Argon2id at the cost that `seal --passphrase` has}
    static Workspace argon2() {
        return new Workspace("a derivation at 64 MiB, 3 passes, 4 lanes", Argon2Cost.SECOND_RECOMMENDED.plan());
    }

    private static MemoryPlan opaque(String name, long bytes) {
        return MemoryPlan.group(name, MemoryPlan.block("workspace", bytes, 1, "without named parts"));
    }
}
