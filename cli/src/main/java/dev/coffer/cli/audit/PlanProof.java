package dev.coffer.cli.audit;

import dev.coffer.instruments.Mapping;
import dev.coffer.memory.Protection.Level;
import dev.coffer.memory.Region;
import dev.coffer.memory.ledger.LedgerSnapshot;
import dev.coffer.server.LedgerPage;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.Site;
import dev.coffer.server.files.FileSite;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;

/// What `coffer plan` says, what `coffer serve` maps and what its ledger reports are the same number of bytes; the
/// mapping's is the kernel's, summed over all its entries. Two loops, so two regions.
final class PlanProof implements Proof {
    @Override
    public String name() {
        return "plan";
    }

    @Override
    public String claim() {
        return "the plan made before serve starts = bytes of its mappings = what its ledger reports";
    }

    @Override
    public List<String> faults() {
        return List.of("plan-forgotten-connection");
    }

    @Override
    public Verdict run(Setting setting) {
        ServerConfig config = ServerConfig.standard().withSize(2, 128, 64).withCommit(setting.commit());
        Site site = LedgerPage.before(FileSite.of(setting.folder(), 64));
        long planned = Server.plan(config, site).totalBytes();
        ServerConfig real = setting.has("plan-forgotten-connection") ? config.withSize(2, 128, 66) : config;
        try (Server server = Server.open(real, site)) {
            if (server.regions().getFirst().portable()) {
                return Verdict.notRun("this system shows no mappings (no /proc/self/smaps)");
            }
            long mapped = 0;
            for (Region region : server.regions()) {
                mapped += mappedBytes(region);
            }
            LedgerSnapshot ledger = server.ledger().snapshot();
            boolean held = planned == mapped && mapped == ledger.planBytes() && mapped == ledger.regionBytes();
            return Verdict.of(held, String.format(Locale.ROOT, "plan %,d, smaps %,d, ledger %,d planned and %,d held (bytes)", planned,
                    mapped, ledger.planBytes(), ledger.regionBytes()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// {@return bytes of a region's mapping by the kernel's count, guards included}
    static long mappedBytes(Region region) {
        long from = start(region);
        return Mapping.within(Mapping.ofSelf(), from, from + region.bytes()).stream().mapToLong(Mapping::bytes).sum();
    }

    /// {@return address of a region's mapping}
    static long start(Region region) {
        return region.data().address() - (region.config().guard() == Level.OFF ? 0 : region.pageBytes());
    }
}
