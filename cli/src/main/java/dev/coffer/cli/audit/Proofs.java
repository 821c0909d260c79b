package dev.coffer.cli.audit;

import dev.coffer.cli.audit.Verdict.Outcome;
import java.util.List;

/// The list of all proofs, in the order in which they are run, and how one is run.
public final class Proofs {
    private static final List<Proof> ALL = List.of(new PlanProof(), new ProtectionProof(), new LockLimitProof(),
            new GuardProof(), new CanaryProof(), new WipeProof(), new CycleProof(), new RequestProof(),
            new ResidueProof(), new TlsProof(), new BudgetProof());

    private Proofs() {}

    /// {@return every proof}
    public static List<Proof> all() {
        return ALL;
    }

    /// {@return what a proof found; one that broke down has failed, and says how}
    public static Verdict run(Proof proof, Setting setting) {
        try {
            return proof.run(setting);
        } catch (RuntimeException | Error e) {
            return new Verdict(Outcome.FAIL, "broke down: " + e, List.of());
        }
    }
}
