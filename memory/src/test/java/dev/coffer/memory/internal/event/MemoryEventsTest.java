package dev.coffer.memory.internal.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.memory.Budget;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryEventsTest {
    @TempDir
    Path folder;

    private Map<String, RecordedEvent> record(Runnable action, String... disabled) throws Exception {
        Path file = folder.resolve("events.jfr");
        try (Recording recording = new Recording()) {
            for (String name : disabled) {
                recording.disable(name);
            }
            recording.start();
            action.run();
            recording.stop();
            recording.dump(file);
        }
        Map<String, RecordedEvent> seen = new HashMap<>();
        for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
            if (event.getEventType().getName().startsWith("dev.coffer.")) {
                seen.put(event.getEventType().getName(), event);
            }
        }
        Files.delete(file);
        return seen;
    }

    private static void everything() {
        try (Region region = Region.open(RegionConfig.defaults("recorded"), MemoryPlan.block("data", 4096))) {
            assertEquals("recorded", region.name());
        }
        Budget budget = Budget.root("small", 100);
        budget.reserve(60);
        assertFalse(budget.child("below", 1000).tryReserve(41));
        MemoryEvents.poolExhausted("pool", 8192, 81920, 81920);
        MemoryEvents.leak("pool", 8192, "Some.java:1");
        MemoryEvents.pressure("small", 90, 100, 30);
    }

    @Test
    void everyKindIsRecordedWithItsNumbers() throws Exception {
        Map<String, RecordedEvent> seen = record(MemoryEventsTest::everything);
        assertEquals(6, seen.size(), seen.keySet().toString());
        RecordedEvent opened = seen.get("dev.coffer.RegionOpened");
        assertEquals("recorded", opened.getString("region"));
        assertEquals(4 * 4096, opened.getLong("bytes"));
        assertTrue(opened.getString("protections").startsWith("GUARD "), opened.getString("protections"));
        assertTrue(seen.get("dev.coffer.RegionClosed").getBoolean("canaryIntact"));
        RecordedEvent refused = seen.get("dev.coffer.ReserveRefused");
        assertEquals("small", refused.getString("budget"));
        assertEquals(41, refused.getLong("requested"));
        assertEquals(40, refused.getLong("available"));
        assertEquals(100, refused.getLong("limit"));
        assertEquals(81920, seen.get("dev.coffer.PoolExhausted").getLong("usedBytes"));
        assertEquals("Some.java:1", seen.get("dev.coffer.Leak").getString("place"));
        assertEquals(30, seen.get("dev.coffer.Pressure").getLong("reclaimedBytes"));
    }

    @Test
    void aDisabledKindIsNotRecorded() throws Exception {
        Map<String, RecordedEvent> seen = record(MemoryEventsTest::everything, "dev.coffer.ReserveRefused");
        assertEquals(5, seen.size(), seen.keySet().toString());
        assertFalse(seen.containsKey("dev.coffer.ReserveRefused"));
    }
}
