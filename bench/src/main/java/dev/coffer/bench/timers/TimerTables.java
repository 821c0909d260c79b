package dev.coffer.bench.timers;

import dev.coffer.bench.table.Row;
import dev.coffer.bench.table.Table;
import java.util.ArrayList;
import java.util.List;

/// The tables of timers; what a fire costs is told by [TimerFires].
public final class TimerTables {
    /// Agrona reaches into the JDK.
    private static final String[] AGRONA = {"--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED"};

    private TimerTables() {}

    public static List<Table> all() {
        return List.of(
                new Table("timers", "a timer among as many is moved, each in its turn, 2 to 32 s ahead; ticks of 1 ms", rows("Move")),
                new Table("timers", "beside as many that are armed, one more is armed 2 to 32 s ahead and cancelled", rows("ArmAndCancel")));
    }

    private static List<Row> rows(String what) {
        List<Row> rows = new ArrayList<>();
        for (String timers : List.of("1", "10000", "1000000")) {
            String among = String.format(", %,d", Integer.parseInt(timers));
            rows.add(Row.of("**Coffer `TimerWheel`" + among + "**", "TimerBench.coffer" + what).param("timers", timers));
            rows.add(Row.of("Agrona `DeadlineTimerWheel`" + among, "TimerBench.agrona" + what).param("timers", timers).jvm(AGRONA));
            rows.add(Row.of("Netty 4.2 `HashedWheelTimer`" + among, "TimerBench.netty" + what).param("timers", timers));
        }
        return rows;
    }
}
