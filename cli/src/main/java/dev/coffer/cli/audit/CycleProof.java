package dev.coffer.cli.audit;

import dev.coffer.instruments.ChildJvm;
import java.util.List;
import java.util.Locale;

/// Leases allocate no heap byte on their thread and no byte off the heap, and leave the ledger as it was. In a process of
/// its own that never compiles, as [RequestProof] says why.
final class CycleProof implements Proof {

    @Override
    public String name() {
        return "cycle";
    }

    @Override
    public String claim() {
        return "a pooled buffer's cycle (acquire, write, read, wipe, release) allocates nothing, on or off the heap";
    }

    @Override
    public List<String> faults() {
        return List.of("cycle-allocates", "cycle-leaks");
    }

    @Override
    public Verdict run(Setting setting) {
        String fault = setting.fault().filter(faults()::contains).orElse("none");
        String[] counted;
        try (ChildJvm child = ChildJvm.start(List.of(), List.of("-Xint", "-XX:+UseSerialGC", "-Xmx256m"),
                CycleChild.class, fault)) {
            counted = child.await("counted").split(" ");
            child.resume();
            child.exitCode();
        }
        long allocated = Long.parseLong(counted[0]);
        long grown = Long.parseLong(counted[1]);
        return Verdict.of(allocated == 0 && grown == 0, String.format(Locale.ROOT, "%,d cycles of 8 KiB buffers, never compiled: %,d heap "
                + "bytes, ledger grown by %,d bytes", CycleChild.cycles(fault), allocated, grown));
    }
}
