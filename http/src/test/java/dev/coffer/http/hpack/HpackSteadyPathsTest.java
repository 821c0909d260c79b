package dev.coffer.http.hpack;

import dev.coffer.http.qpack.QpackDecoder;
import dev.coffer.http.qpack.QpackEncoder;
import dev.coffer.http.qpack.SectionDecoder;
import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// HPACK and QPACK in both directions: 0 heap bytes, whoever executes it.
class HpackSteadyPathsTest {
    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noBlockMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, List.of(BothWays.class, Qpack.class));
    }

    /// Blocks of fields that change, some larger than their room, faults between them.
    static final class BothWays implements SteadyPath {
        private final HpackEncoder encoder = new HpackEncoder(memory(HpackEncoder.plan(256).totalBytes()), 0, 256);
        private final HpackDecoder decoder = new HpackDecoder(memory(HpackDecoder.plan(4096).totalBytes()), 0, 4096);
        private final MemorySegment text = memory(256);
        private final MemorySegment block = memory(1024);
        private final MemorySegment head = memory(512);
        private int turn;

        private static MemorySegment memory(long bytes) {
            return Arena.global().allocate(bytes, 64);
        }

        BothWays() {
            for (int i = 0; i < 256; i++) {
                text.set(ValueLayout.JAVA_BYTE, i, (byte) ('a' + i % 26));
            }
        }

        @Override
        public void run() {
            turn++;
            encoder.limit(turn % 3 == 0 ? 100 : 4096);
            encoder.begin(block, 0);
            for (int i = 0; i < 6; i++) {
                encoder.field(text, (turn + i) % 20, 5, 30 + i, 10 + (turn + i) % 60);
            }
            int length = (int) encoder.end();
            decoder.begin(head, 0, turn % 5 == 0 ? 50 : 512);
            int fields = 0;
            for (int at = 0; at < length; at += decoder.taken()) {
                fields += decoder.decode(block, at, Math.min(9, length - at)) == HpackDecoder.FIELD ? 1 : 0;
            }
            if (!decoder.end() || fields != 6) {
                throw new AssertionError(fields);
            }
            if (turn % 50 == 0) {
                block.set(ValueLayout.JAVA_BYTE, 0, (byte) 0x80);
                decoder.begin(head, 0, 512);
                if (decoder.decode(block, 0, 1) != HpackDecoder.FAULT) {
                    throw new AssertionError("taken");
                }
                decoder.reset();
                encoder.reset();
            }
        }

        @Override
        public int operations() {
            return 256;
        }
    }

    /// Sections whose fields repeat, with what both sides say of them; one that waits, one that is cancelled, faults.
    static final class Qpack implements SteadyPath {
        private final QpackEncoder encoder = new QpackEncoder(BothWays.memory(QpackEncoder.plan(512).totalBytes()), 0, 512, true);
        private final QpackDecoder decoder = new QpackDecoder(BothWays.memory(QpackDecoder.plan(512).totalBytes()), 0, 512, 4);
        private final SectionDecoder section = new SectionDecoder();
        private final MemorySegment text = BothWays.memory(256);
        private final MemorySegment block = BothWays.memory(2048);
        private final MemorySegment head = BothWays.memory(1024);
        private int turn;

        Qpack() {
            for (int i = 0; i < 256; i++) {
                text.set(ValueLayout.JAVA_BYTE, i, (byte) ('a' + i % 26));
            }
        }

        @Override
        public void run() {
            turn++;
            if (turn % 40 == 1) {
                encoder.reset();
                decoder.reset();
                encoder.settings(512, 4);
            }
            encoder.begin(turn, block, 0);
            for (int i = 0; i < 6; i++) {
                encoder.field(text, i, 5, 30 + i, 10 + (turn + i) % 4 * 9);
            }
            long end = encoder.end();
            boolean late = turn % 3 == 0;
            if (!late) {
                instructions();
            }
            int fields = 0;
            section.begin(decoder, turn, head, 0, turn % 5 == 0 ? 50 : 1024);
            for (long at = encoder.sectionAt(); at < end; at += section.taken()) {
                int result = section.decode(block, at, Math.min(9, end - at));
                fields += result == SectionDecoder.FIELD ? 1 : 0;
                if (result == SectionDecoder.BLOCKED) {
                    instructions();
                }
            }
            if (!section.end() || fields != 6) {
                throw new AssertionError(fields);
            }
            instructions();
            decoder.cancel(1000);
            long said = decoder.write(block, 1024, 512);
            if (encoder.feed(block, 1024, said) == QpackEncoder.FAULT) {
                throw new AssertionError(encoder);
            }
            if (turn % 40 == 0) {
                block.set(ValueLayout.JAVA_BYTE, 0, (byte) 0xff);
                section.begin(decoder, 0, head, 0, 64);
                if (section.decode(block, 0, 1) != SectionDecoder.MORE || section.end() || decoder.feed(block, 0, 1) != QpackDecoder.TAKEN) {
                    throw new AssertionError("taken");
                }
            }
        }

        private void instructions() {
            long bytes = encoder.write(block, 1024, 1024);
            if (decoder.feed(block, 1024, bytes) == QpackDecoder.FAULT) {
                throw new AssertionError(decoder);
            }
        }

        @Override
        public int operations() {
            return 256;
        }
    }
}
