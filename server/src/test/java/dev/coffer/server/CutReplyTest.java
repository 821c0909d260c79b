package dev.coffer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.http.HeadWriter;
import dev.coffer.server.drive.Transport;
import dev.coffer.testkit.Seeds;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Proxy;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// What is told of an answer whose connection ended in the middle of it, beside a count of each byte.
class CutReplyTest {
    private static final int HEAD_BYTES = 100;
    private static final int CHUNK_HEAD_BYTES = 6;
    private static final int CHUNK_BYTES = CHUNK_HEAD_BYTES + 2;
    private static final int ROOM = 1 << 12;

    private final HeadWriter nowhere = (HeadWriter) Proxy.newProxyInstance(HeadWriter.class.getClassLoader(),
            new Class<?>[] {HeadWriter.class}, (proxy, method, arguments) -> proxy);
    private final MemorySegment output = MemorySegment.ofArray(new byte[1 << 16]);
    private int fills;
    private long unsentAt = Transport.ALL_SENT;
    private final Transport transport = (Transport) Proxy.newProxyInstance(Transport.class.getClassLoader(), new Class<?>[] {Transport.class},
            (proxy, method, arguments) -> method.getName().equals("fills") ? (Object) fills : unsentAt);

    /// An answer of pieces whose length the test chooses.
    private final class Pieces implements Answer {
        int next;

        @Override
        public void head(HeadWriter head) {
            head.contentOfUnknownLength();
        }

        @Override
        public long body(MemorySegment into, long at, long room) {
            return Math.min(next, room);
        }
    }

    private Reply reply(Pieces pieces) {
        MemorySegment memory = MemorySegment.ofArray(new byte[ExtraFields.VALUES_BYTES + Exchange.FIELD_BYTES_MAX]);
        Reply reply = new Reply(new ExtraFields(memory, 0, Exchange.FIELD_BYTES_MAX),
                new Failures(new LoopStatistics(), Level.OFF));
        reply.renew(transport, new Reply.Pulled());
        reply.give(200, pieces);
        return reply;
    }

    /// Fills a buffer with chunks, after the head where that was not written.
    ///
    /// @param content  one for each byte of the buffer: whether it is content
    /// @return bytes written
    private int fill(Reply reply, Pieces pieces, SplittableRandom random, boolean head, long base, boolean[] content) {
        fills++;
        unsentAt = Transport.ALL_SENT;
        int at = 0;
        if (head) {
            reply.head(nowhere);
            at = HEAD_BYTES;
        }
        for (int left = random.nextInt(1, 40); left > 0 && at + CHUNK_BYTES < ROOM; left--) {
            pieces.next = random.nextInt(random.nextBoolean() ? 3 : 300);
            int given = (int) reply.body(output, base + at + CHUNK_HEAD_BYTES, ROOM - at - CHUNK_BYTES);
            for (int i = 0; i < given; i++) {
                content[at + CHUNK_HEAD_BYTES + i] = true;
            }
            at += given == 0 ? 0 : given + CHUNK_BYTES;
        }
        return at;
    }

    @Test
    void contentIsNeitherMoreThanHasGoneNorFewerThanBeforeTheLastFill() {
        Seeds.forEach(1, 3000, random -> {
            Pieces pieces = new Pieces();
            Reply reply = reply(pieces);
            long gone = 0;
            int last = random.nextInt(1, 5);
            for (int i = 1; i <= last; i++) {
                boolean[] content = new boolean[ROOM];
                long base = (long) random.nextInt(8) * ROOM;  // another block each time, or the same
                int length = fill(reply, pieces, random, i == 1, base, content);
                int sent = i < last ? length : random.nextInt(length + 1);
                long before = gone;
                int pieceAt = 0;
                for (int b = 0; b < length; b++) {
                    gone += content[b] && b < sent ? 1 : 0;
                    pieceAt = content[b] && (b == 0 || !content[b - 1]) ? b : pieceAt;
                }
                if (i == last) {
                    unsentAt = sent < length ? base + sent : Transport.ALL_SENT;
                    reply.settle(false);
                    long told = reply.contentBytes();
                    assertTrue(told >= before && told <= gone, told + " told, " + before + ".." + gone);
                    if (sent >= pieceAt) {
                        assertEquals(gone, told, "exact in the last piece and behind it");
                    }
                    if (last > 1 || sent >= HEAD_BYTES + CHUNK_HEAD_BYTES || sent < HEAD_BYTES) {
                        assertEquals(last > 1 || sent >= HEAD_BYTES, reply.isBegun(), "the status has gone, or not");
                    }
                }
            }
        });
    }

    @Test
    void anAnswerThatIsWholeIsTheSumOfItsPieces() {
        Pieces pieces = new Pieces();
        Reply reply = reply(pieces);
        fills = 7;
        reply.head(nowhere);
        pieces.next = 10;
        reply.body(output, 200, 1000);
        reply.body(output, 300, 1000);
        unsentAt = 205;  // of another answer behind it
        reply.settle(true);
        assertEquals(20, reply.contentBytes());
        assertTrue(reply.isBegun());
    }
}
