package dev.coffer.micrometer;

import dev.coffer.memory.Account;
import dev.coffer.memory.ledger.Ledger;
import dev.coffer.memory.ledger.LedgerLine;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/// Binds a ledger to a Micrometer registry: `new CofferMetrics(ledger).bindTo(registry)`.
///
/// | gauge, in bytes | tags | what |
/// |---|---|---|
/// | `coffer.memory.plan`, `.region`, `.used`, `.peak` | `ledger` | the four totals, as [Ledger] defines them |
/// | `coffer.account.capacity`, `.used`, `.peak` | `ledger`, `region`, `row` | of each row that an account speaks for |
/// | `coffer.budget.limit`, `.used`, `.peak` | `ledger`, `budget` | of each budget; `budget` is its path from the root shown |
///
/// A gauge reads when the registry asks, from any thread, and allocates nothing of its own. The registry holds the ledger
/// from then on: numbers stay readable when the caller drops it.
public final class CofferMetrics implements MeterBinder {
    private final Ledger ledger;
    private final Tags more;

    /// The ledger's meters, without tags but their own.
    public CofferMetrics(Ledger ledger) {
        this(ledger, Tags.empty());
    }

    /// The ledger's meters, each with `more` tags beside its own.
    public CofferMetrics(Ledger ledger, Iterable<Tag> more) {
        this.ledger = Objects.requireNonNull(ledger);
        this.more = Tags.of(more);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Tags tags = more.and("ledger", ledger.name());
        gauge(registry, "coffer.memory.plan", "Bytes of all plans", tags, ledger, Ledger::planBytes);
        gauge(registry, "coffer.memory.region", "Bytes of all open mappings", tags, ledger, Ledger::regionBytes);
        gauge(registry, "coffer.memory.used", "Bytes in use", tags, ledger, Ledger::usedBytes);
        gauge(registry, "coffer.memory.peak", "Most bytes in use", tags, ledger, Ledger::peakBytes);
        for (LedgerLine line : ledger.lines()) {
            Account account = line.account();
            if (line.kind() == LedgerLine.Kind.ROW && account != null) {
                three(registry, "coffer.account.", "capacity", account,
                        tags.and("region", line.regionName(), "row", line.path().substring(1)));
            } else if (line.kind() == LedgerLine.Kind.BUDGET) {
                three(registry, "coffer.budget.", "limit", account, tags.and("budget", line.path().substring(1)));
            }
        }
    }

    private static void three(MeterRegistry registry, String prefix, String bound, Account account, Tags tags) {
        gauge(registry, prefix + bound, "Bytes that can be handed out in all", tags, account, Account::capacityBytes);
        gauge(registry, prefix + "used", "Bytes handed out", tags, account, Account::usedBytes);
        gauge(registry, prefix + "peak", "Most bytes handed out", tags, account, Account::peakBytes);
    }

    private static <T> void gauge(MeterRegistry registry, String name, String description, Tags tags, T source,
            ToDoubleFunction<T> number) {
        Gauge.builder(name, source, number).description(description).baseUnit(BaseUnits.BYTES).tags(tags)
                .strongReference(true).register(registry);
    }
}
