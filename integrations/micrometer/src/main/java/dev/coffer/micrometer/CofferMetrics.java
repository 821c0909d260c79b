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
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToDoubleFunction;

/// Binds a ledger to a Micrometer registry: `new CofferMetrics(ledger).bindTo(registry)`.
///
/// | gauge, in bytes | tags | what |
/// |---|---|---|
/// | `coffer.memory.plan`, `.region`, `.committed`, `.used`, `.peak` | `ledger` | the five totals, as [Ledger] defines them |
/// | `coffer.account.capacity`, `.used`, `.peak` | `ledger`, `region`, `row` | of each row that an account speaks for |
/// | `coffer.budget.limit`, `.used`, `.peak` | `ledger`, `budget` | of each budget; `budget` is its path from the root shown |
///
/// A gauge reads when the registry asks, from any thread, and allocates nothing of its own. The registry holds the ledger
/// from then on: numbers stay readable when the caller drops it.
///
/// A registry keeps the first meter of a name and tags and drops the next without a word. So a second ledger of one name, or two rows of one
/// path in it, are refused here: name them apart, or give each `more` tags of its own.
public final class CofferMetrics implements MeterBinder {
    /// One binds at a time: between the look for a meter of that name and its making there is nobody else.
    private static final ReentrantLock BINDING = new ReentrantLock();

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

    /// @throws IllegalStateException  the registry has a meter of the same name and tags, of another ledger or of this one
    ///                                (caller's fault); nothing is registered
    @Override
    public void bindTo(MeterRegistry registry) {
        List<Gauge> bound = new ArrayList<>();
        boolean whole = false;
        BINDING.lock();
        try {
            bindAll(registry, bound);
            whole = true;
        } finally {
            try {
                if (!whole) {
                    bound.forEach(registry::remove);
                }
            } finally {
                BINDING.unlock();
            }
        }
    }

    private void bindAll(MeterRegistry registry, List<Gauge> bound) {
        Tags tags = more.and("ledger", ledger.name());
        gauge(registry, bound, "coffer.memory.plan", "Bytes of all plans", tags, ledger, Ledger::planBytes);
        gauge(registry, bound, "coffer.memory.region", "Bytes of all open mappings", tags, ledger, Ledger::regionBytes);
        gauge(registry, bound, "coffer.memory.committed", "Bytes of them that have memory, as a look of a moment ago found", tags, ledger,
                Ledger::committedBytes);
        gauge(registry, bound, "coffer.memory.used", "Bytes in use", tags, ledger, Ledger::usedBytes);
        gauge(registry, bound, "coffer.memory.peak", "Most bytes in use", tags, ledger, Ledger::peakBytes);
        for (LedgerLine line : ledger.lines()) {
            Account account = line.account();
            if (line.kind() == LedgerLine.Kind.ROW && account != null) {
                three(registry, bound, "coffer.account.", "capacity", account,
                        tags.and("region", line.regionName(), "row", line.path().substring(1)));
            } else if (line.kind() == LedgerLine.Kind.BUDGET) {
                three(registry, bound, "coffer.budget.", "limit", account, tags.and("budget", line.path().substring(1)));
            }
        }
    }

    private static void three(MeterRegistry registry, List<Gauge> bound, String prefix, String limit, Account account, Tags tags) {
        gauge(registry, bound, prefix + limit, "Bytes that can be handed out in all", tags, account, Account::capacityBytes);
        gauge(registry, bound, prefix + "used", "Bytes handed out", tags, account, Account::usedBytes);
        gauge(registry, bound, prefix + "peak", "Most bytes handed out", tags, account, Account::peakBytes);
    }

    private static <T> void gauge(MeterRegistry registry, List<Gauge> bound, String name, String description, Tags tags, T source,
            ToDoubleFunction<T> number) {
        Collection<Gauge> before = registry.find(name).gauges();
        Gauge gauge = Gauge.builder(name, source, number).description(description).baseUnit(BaseUnits.BYTES).tags(tags)
                .strongReference(true).register(registry);
        if (before.contains(gauge)) {
            throw new IllegalStateException("metrics: the registry has " + name + " of " + tags
                    + " already; name the ledger otherwise or give it a tag of its own");
        }
        bound.add(gauge);
    }
}
