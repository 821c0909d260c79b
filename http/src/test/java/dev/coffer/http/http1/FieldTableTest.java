package dev.coffer.http.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.coffer.http.FieldName;
import dev.coffer.http.Refusal;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The table alone: what is looked for is found where a plain search would find it, also after the table was emptied.
class FieldTableTest {
    private static final int FIELDS = 12;
    private static final int ENTRIES_AT = 1024;
    private static final FieldName[] NAMES = FieldName.values();

    // off the heap, as everywhere: other kinds of memory would make the code that others measure another one
    private final MemorySegment memory = Arena.ofAuto().allocate(ENTRIES_AT + FIELDS * FieldTable.ENTRY_BYTES);
    private final FieldTable table = new FieldTable(memory, ENTRIES_AT, FIELDS);

    private int at;

    private Refusal add(String line) {
        byte[] text = line.getBytes(StandardCharsets.ISO_8859_1);
        MemorySegment.copy(text, 0, memory, ValueLayout.JAVA_BYTE, at, text.length);
        Refusal refusal = table.add(at, text.length);
        at += text.length;
        return refusal;
    }

    @Test
    void everyNameIsFoundWhereItStandsAndNoOther() {
        Seeds.forEach(1, 3000, random -> {
            at = 0;
            table.clear(0, 0);
            List<FieldName> added = new ArrayList<>();
            for (int i = random.nextInt(FIELDS + 1); i > 0; i--) {
                FieldName name = NAMES[random.nextInt(NAMES.length)];
                assertSame(Refusal.NONE, add((name == FieldName.OTHER ? "x-none" : name.canonical()) + ": v"));
                added.add(name);
            }
            for (FieldName name : NAMES) {
                for (int from = 0; from <= added.size(); from++) {
                    int rest = added.subList(from, added.size()).indexOf(name);
                    assertEquals(rest < 0 ? -1 : from + rest, table.find(name, from), name + " from " + from + " of " + added);
                }
            }
        });
    }

    @Test
    void aControlIsToldByItsKindWhereverItStandsInAValue() {
        for (int place = 0; place < 20; place++) {
            for (char odd : new char[] {'\r', '\n', 0, 0x7f, 0x1f}) {
                at = 0;
                table.clear(0, 0);
                String value = "v".repeat(place) + odd + "v".repeat(19 - place);
                assertSame(odd == '\r' ? Refusal.BARE_CR_OR_LF : Refusal.CONTROL, add("ETag:" + value), (int) odd + " at " + place);
            }
        }
    }
}
