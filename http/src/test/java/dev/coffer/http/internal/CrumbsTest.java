package dev.coffer.http.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.coffer.http.Limits;
import dev.coffer.http.Refusal;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Cookies in crumbs, wherever they stand among a head's fields, beside a plain restatement (RFC 9113, section 8.2.3; RFC 9114, section 4.2.1).
class CrumbsTest {
    private static final int HEAD_AT = 1 << 14;
    private static final int FIELDS_MAX = 60;

    private final MemorySegment memory = Arena.ofAuto().allocate(1 << 15, 64);
    private final ReceivedFields head = new ReceivedFields(memory, 0, Limits.defaults().withHead(8192, FIELDS_MAX), 30);
    private long end;

    private record Field(String name, String value) {}

    private void field(String name, String value) {
        long nameAt = text(name);
        long valueAt = text(value);
        head.field(nameAt, name.length(), valueAt, value.length());
    }

    private long text(String text) {
        long at = end;
        MemorySegment.copy(text.getBytes(StandardCharsets.ISO_8859_1), 0, memory, ValueLayout.JAVA_BYTE, at, text.length());
        end += text.length();
        return at;
    }

    private void receive(List<Field> fields) {
        memory.asSlice(HEAD_AT).fill((byte) 0);
        end = HEAD_AT;
        head.clear(HEAD_AT, 0);
        field(":method", "GET");
        field(":scheme", "https");
        field(":path", "/");
        field(":authority", "a");
        fields.forEach(field -> field(field.name, field.value));
        head.complete(true);
    }

    private List<Field> taken() {
        List<Field> fields = new ArrayList<>();
        for (int i = 0; i < head.count(); i++) {
            fields.add(new Field(text(head.nameAt(i), head.nameLength(i)), text(head.valueAt(i), head.valueLength(i))));
        }
        return fields;
    }

    private String text(long at, int length) {
        return new String(memory.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
    }

    /// The first has all, in their order; the others are as they were.
    private static List<Field> joined(List<Field> fields) {
        List<Field> result = new ArrayList<>();
        int cookie = -1;
        for (Field field : fields) {
            if (field.name.equals("cookie") && cookie >= 0) {
                result.set(cookie, new Field("cookie", result.get(cookie).value + "; " + field.value));
            } else {
                cookie = field.name.equals("cookie") ? result.size() : cookie;
                result.add(field);
            }
        }
        return result;
    }

    @Test
    void whereverTheyStandTheyAreOneFieldAndTheRestIsAsItWas() {
        Random random = new Random(7);
        for (int round = 0; round < 2_000; round++) {
            List<Field> fields = new ArrayList<>();
            int cookies = random.nextInt(4);
            for (int count = random.nextInt(FIELDS_MAX); count > 0; count--) {
                String value =
                        "abcdefghijklmnopqrstuvwxyz".repeat(4).substring(random.nextInt(100)).substring(0, random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(4));
                value += random.nextInt(8) == 0 ? "x".repeat(random.nextInt(60)) : "";
                fields.add(new Field(random.nextInt(4) < cookies ? "cookie" : "f" + count, value));
            }
            receive(fields);
            assertFalse(head.isMalformed());
            assertEquals(Refusal.NONE, head.refusal());
            assertEquals(joined(fields), taken(), "round " + round);
        }
    }

    @Test
    void whatIsLongerThanOneFieldMayBeIsRefusedAndNotAnOctetLess() {
        int max = Limits.defaults().withHead(8192, FIELDS_MAX).fieldBytesMax();
        for (int more = 0; more < 2; more++) {
            int half = (max - "cookie".length() - 2) / 2;
            receive(List.of(new Field("cookie", "a".repeat(half)), new Field("b", ""), new Field("cookie", "c".repeat(max - 8 - half + more))));
            assertEquals(more == 0 ? Refusal.NONE : Refusal.FIELD_TOO_LONG, head.refusal());
        }
    }
}
