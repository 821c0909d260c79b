package dev.coffer.memory;

import dev.coffer.memory.MemoryPlan.Shape;
import dev.coffer.memory.internal.json.JsonText;
import java.util.Locale;

/// A [MemoryPlan] in words: a table for people, JSON for programs.
final class PlanText {
    private final StringBuilder out = new StringBuilder();
    private final boolean showsTypical;

    private PlanText(MemoryPlan plan) {
        this.showsTypical = saysTypical(plan);
    }

    private static boolean saysTypical(MemoryPlan plan) {
        return plan.typicalBytes() != plan.totalBytes() || plan.children().stream().anyMatch(PlanText::saysTypical);
    }

    static String table(MemoryPlan plan) {
        PlanText text = new PlanText(plan);
        String bytes = text.showsTypical ? String.format(Locale.ROOT, "%15s  %15s", "worst case", "typical") : String.format(Locale.ROOT, "%15s", "bytes");
        text.out.append(String.format(Locale.ROOT, "%s  %24s  %12s  %s%n", bytes, "count x bytes", "heap bytes", "name"));
        text.row(plan, 0, "");
        return text.out.toString();
    }

    private void row(MemoryPlan plan, int depth, String bar) {
        long count = plan.count();
        String blocks = plan.children().isEmpty() ? String.format(Locale.ROOT, "%,d x %,d", count, plan.bytes())
                : count == 1 && plan.shape() != Shape.AT_MOST ? ""
                        : String.format(Locale.ROOT, "%,d x %,d", count, count == 0 ? 0 : plan.totalBytes() / count);
        out.append(String.format(Locale.ROOT, "%,15d", plan.totalBytes()));
        if (showsTypical) {
            out.append(String.format(Locale.ROOT, "  %,15d", plan.typicalBytes()));
        }
        out.append(String.format(Locale.ROOT, "  %24s  %,12d  ", blocks, plan.heapBytes())).append("  ".repeat(depth)).append(bar)
                .append(plan.name());
        switch (plan.shape()) {
            case SUM -> {}
            case ONE_OF -> out.append(": one of");
            case AT_MOST -> out.append(String.format(Locale.ROOT, ": at most %,d of", count));
        }
        if (!plan.note().isEmpty()) {
            out.append("  (").append(plan.note()).append(')');
        }
        out.append(System.lineSeparator());
        for (MemoryPlan child : plan.children()) {
            row(child, depth + 1, plan.shape() == Shape.SUM ? "" : "| ");
        }
    }

    static String json(MemoryPlan plan) {
        PlanText text = new PlanText(plan);
        text.object(plan);
        return text.out.toString();
    }

    private void object(MemoryPlan plan) {
        out.append("{\"name\":");
        JsonText.quote(out, plan.name());
        out.append(",\"totalBytes\":").append(plan.totalBytes()).append(",\"heapBytes\":").append(plan.heapBytes())
                .append(",\"bytes\":").append(plan.bytes()).append(",\"count\":").append(plan.count());
        switch (plan.shape()) {
            case SUM -> {}
            case ONE_OF -> out.append(",\"shape\":\"oneOf\"");
            case AT_MOST -> out.append(",\"shape\":\"atMost\"");
        }
        if (plan.typicalBytes() != plan.totalBytes()) {
            out.append(",\"typicalBytes\":").append(plan.typicalBytes());
        }
        if (!plan.note().isEmpty()) {
            out.append(",\"note\":");
            JsonText.quote(out, plan.note());
        }
        String before = ",\"children\":[";
        for (MemoryPlan child : plan.children()) {
            out.append(before);
            object(child);
            before = ",";
        }
        out.append(plan.children().isEmpty() ? "}" : "]}");
    }
}
