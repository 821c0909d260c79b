package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.testkit.LongRun;
import dev.coffer.testkit.Seeds;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A whole conversation, changed: bits, lengths, types, order, copies, omissions, cuts, of records as they lie on the wire and of messages under
/// the right keys; to a server and to a client, with a retry and without. What must hold of each: nothing is thrown, no fault is called our
/// own, nothing is lent or left afterwards, a changed handshake message opens no connection, and what was forged is never heard.
class MutationTest {
    private static final int INPUTS = 30_000;

    private final List<Subject> subjects = new ArrayList<>();
    private final Map<Alert, Integer> said = new HashMap<>();
    private int opened;

    /// Trusts everybody: the handshake's own proof, Finished, is what is looked at here.
    static class Trusting implements PeerVerifier {
        @Override
        public int[] schemes() {
            return new int[] {0x0807};
        }

        @Override
        public PeerVerifier another() {
            return this;
        }

        @Override
        public Alert trust(MemorySegment chain, long at, int length, String host) {
            return null;
        }

        @Override
        public boolean verifies(int scheme, MemorySegment covered, long coveredAt, int coveredLength, MemorySegment signature, long signatureAt,
                int signatureLength) {
            return true;
        }
    }

    @BeforeEach
    void open() throws Exception {
        subjects.add(new Subject(CipherSuite.CHACHA20_POLY1305_SHA256, new Trusting(), false));
        subjects.add(new Subject(CipherSuite.AES_256_GCM_SHA384, new Trusting(), true));
    }

    @AfterEach
    void close() {
        subjects.forEach(Subject::close);
    }

    /// One input: which conversation, and what is changed in it.
    private static final class Input {
        final Subject subject;
        final boolean toServer;
        final Script script;
        final List<Script.Line> lines;
        boolean breaksHandshake;    // a message of it is another than it was
        boolean keysUsed;           // something was changed that only who has the keys can change

        Input(Subject subject, boolean toServer) {
            this.subject = subject;
            this.toServer = toServer;
            this.script = toServer ? subject.toServer : subject.toClient;
            this.lines = new ArrayList<>(script.lines);
        }
    }

    private void run(Subject subject, SplittableRandom random) {
        Input input = new Input(subject, random.nextBoolean());
        int changes = random.nextInt(8) == 0 ? 2 + random.nextInt(3) : 1;
        boolean raw = random.nextInt(4) == 0;
        for (int i = 0; i < changes && !raw; i++) {
            if (random.nextBoolean()) {
                changeContent(input, random);
            } else {
                changeOrder(input, random);
            }
        }
        byte[] stream = TestClient.concat(input.script.seal(input.lines).toArray(byte[][]::new));
        input.breaksHandshake &= changes == 1;  // of two, the one may be a copy of what the other changes
        if (raw) {
            stream = changeStream(stream, random);
        }
        converse(input, stream, raw, random);
    }

    private static void changeContent(Input input, SplittableRandom random) {
        int which = random.nextInt(input.lines.size());
        Script.Line line = input.lines.get(which);
        byte[] old = line.content();
        byte[] content = old.clone();
        int at = old.length == 0 ? 0 : random.nextInt(old.length);
        switch (random.nextInt(7)) {
            case 0 -> flip(content, at, 1 << random.nextInt(8));
            case 1 -> flip(content, at, 1 + random.nextInt(255));
            case 2 -> flip(content, random.nextInt(4), 1 << random.nextInt(8));  // a message's type and length
            case 3 -> content = Arrays.copyOf(content, at);
            case 4 -> content = TestClient.concat(content, random(random, 1 + random.nextInt(random.nextInt(20) == 0 ? 16_000 : 40)));
            case 5 -> content = TestClient.concat(Arrays.copyOf(content, at), Arrays.copyOfRange(content, Math.min(old.length, at + 1 + random.nextInt(8)),
                    old.length));
            default -> content = TestClient.concat(Arrays.copyOf(content, at), Arrays.copyOfRange(content, at / 2, content.length));
        }
        boolean other = !Arrays.equals(old, content);
        input.lines.set(which, line.with(Arrays.copyOf(content, Math.min(content.length, 16_384))));
        input.keysUsed |= other;
        input.breaksHandshake |= other && line.type() == Wire.HANDSHAKE && line.level() != Script.Level.APPLICATION;
    }

    private static void flip(byte[] content, int at, int mask) {
        if (at < content.length) {
            content[at] ^= (byte) mask;
        }
    }

    private static byte[] random(SplittableRandom random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static void changeOrder(Input input, SplittableRandom random) {
        input.keysUsed = true;
        List<Script.Line> lines = input.lines;
        int which = random.nextInt(lines.size());
        Script.Line line = lines.get(which);
        switch (random.nextInt(7)) {
            case 0 -> lines.add(which, line);
            case 1 -> lines.add(random.nextInt(lines.size()), lines.remove(which));
            case 2 -> {
                if (lines.size() > 1) {
                    lines.remove(which);
                }
            }
            case 3 -> lines.add(which, new Script.Line(Script.Level.values()[random.nextInt(3)], random.nextInt(10) == 0 ? random.nextInt(256)
                    : 20 + random.nextInt(5), random(random, random.nextInt(30)), random.nextInt(3)));
            case 4 -> {  // in two records
                int cut = line.content().length == 0 ? 0 : random.nextInt(line.content().length);
                lines.set(which, line.with(Arrays.copyOf(line.content(), cut)));
                lines.add(which + 1, line.with(Arrays.copyOfRange(line.content(), cut, line.content().length)));
            }
            case 5 -> lines.set(which, new Script.Line(Script.Level.values()[random.nextInt(3)], line.type(), line.content(), 0));
            default -> lines.set(which, new Script.Line(line.level(), random.nextInt(3) == 0 ? 20 + random.nextInt(5) : line.type(), line.content(),
                    random.nextInt(300)));
        }
    }

    private static byte[] changeStream(byte[] stream, SplittableRandom random) {
        int at = random.nextInt(stream.length);
        switch (random.nextInt(5)) {
            case 0 -> stream[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> stream[at] = (byte) random.nextInt();
            case 2 -> {
                return Arrays.copyOf(stream, at);
            }
            case 3 -> {
                return TestClient.concat(Arrays.copyOf(stream, at), random(random, 1 + random.nextInt(40)), Arrays.copyOfRange(stream, at, stream.length));
            }
            default -> {
                return TestClient.concat(Arrays.copyOf(stream, at), Arrays.copyOfRange(stream, Math.min(stream.length, at + 1 + random.nextInt(60)),
                        stream.length));
            }
        }
        return stream;
    }

    private void converse(Input input, byte[] stream, boolean raw, SplittableRandom random) {
        Subject subject = input.subject;
        Subject.Ear ear = new Subject.Ear();
        TlsConnection<Echo.Event> engine = input.toServer ? subject.server(ear) : subject.client(ear);
        boolean wasOpen = false;
        try {
            boolean whole = random.nextBoolean();
            subject.said(engine);
            for (int done = 0; done < stream.length;) {
                int part = whole ? recordBytes(stream, done) : 1 + random.nextInt(random.nextInt(3) == 0 ? 8 : 3000);
                subject.feed(engine, stream, done, Math.min(stream.length, done + part));
                done += part;
                subject.said(engine);
                wasOpen |= engine.isOpen();
            }
            end(engine, random);
            subject.said(engine);
        } finally {
            engine.close();
        }
        subject.checkNothingLeft();
        check(input, engine, ear, wasOpen, raw);
    }

    private static int recordBytes(byte[] stream, int at) {
        return stream.length - at < 5 ? stream.length - at : 5 + ((stream[at + 3] & 0xff) << 8 | stream[at + 4] & 0xff);
    }

    private static void end(TlsConnection<?> engine, SplittableRandom random) {
        switch (random.nextInt(4)) {
            case 0 -> engine.feedEnd(Subject.NOW);
            case 1 -> engine.disconnect(Subject.NOW);
            case 2 -> engine.shutdown(Subject.NOW);
            default -> engine.onDeadline(Subject.NOW + 20_000_000_000L);
        }
    }

    private void check(Input input, TlsConnection<?> engine, Subject.Ear ear, boolean wasOpen, boolean raw) {
        if (engine.alertSent() == Alert.INTERNAL_ERROR) {
            throw new AssertionError("the peer's fault is called our own: " + engine);
        }
        if (input.breaksHandshake && wasOpen) {
            throw new AssertionError("a changed handshake opened " + engine + ": " + input.lines);
        }
        byte[] heard = ear.heard.toByteArray();
        byte[] right = TestClient.concat(Subject.SAID, Subject.SAID, Subject.SAID);
        if (raw && (heard.length > right.length || !Arrays.equals(heard, Arrays.copyOf(right, heard.length)))) {
            throw new AssertionError("heard what nobody said: " + engine);
        }
        said.merge(engine.alertSent() == null ? Alert.CLOSE_NOTIFY : engine.alertSent(), 1, Integer::sum);
        opened += wasOpen ? 1 : 0;
    }

    @Test
    void nothingIsChangedAndAllIsHeard() {
        for (Subject subject : subjects) {
            for (boolean toServer : new boolean[] {true, false}) {
                Input input = new Input(subject, toServer);
                Subject.Ear ear = new Subject.Ear();
                TlsConnection<Echo.Event> engine = toServer ? subject.server(ear) : subject.client(ear);
                ByteArrayOutputStream answers = new ByteArrayOutputStream();
                answers.writeBytes(subject.said(engine));
                for (byte[] record : input.script.seal(input.lines)) {
                    subject.feed(engine, record, 0, record.length);
                    answers.writeBytes(subject.said(engine));
                }
                assertEquals(3 * Subject.SAID.length, ear.heard.size(), engine.toString());
                assertEquals(Alert.CLOSE_NOTIFY, engine.alertReceived());
                assertTrue(engine.isEnded());
                engine.close();
                subject.checkNothingLeft();
            }
        }
    }

    @Test
    void whateverIsChangedIsRefusedByAnAlertAndNothingIsHeldOrLeft() {
        Seeds.forEach(1, INPUTS, random -> run(subjects.get(random.nextInt(8) == 0 ? 1 : 0), random));
        System.out.println("tls mutations: opened " + opened + ", said " + said);
        assertTrue(opened > INPUTS / 20 && said.keySet().containsAll(List.of(Alert.UNEXPECTED_MESSAGE, Alert.BAD_RECORD_MAC, Alert.DECODE_ERROR,
                Alert.DECRYPT_ERROR, Alert.ILLEGAL_PARAMETER, Alert.RECORD_OVERFLOW, Alert.PROTOCOL_VERSION)), said.toString());
    }

    @Test
    @Tag("long")
    void theSameTenMillionTimes() {
        LongRun.of("tls mutations", 10_000_000, random -> run(subjects.get(random.nextInt(8) == 0 ? 1 : 0), random));
        System.out.println("tls mutations: opened " + opened + ", said " + said);
    }

    /// A verifier with a fault: a certificate whose first hundred bytes are others than those it saw first is too much for it.
    private static final class Faulty extends Trusting {
        private int first;

        @Override
        public Alert trust(MemorySegment chain, long at, int length, String host) {
            int hash = 1;
            for (int i = 0; i < Math.min(length, 100); i++) {
                hash = 31 * hash + Wire.u8(chain, at + i);
            }
            first = first == 0 ? hash : first;
            if (hash != first) {
                throw new ArithmeticException("planted");
            }
            return null;
        }
    }

    @Test
    void aPlantedFaultIsFoundAndReplayedByItsSeed() throws Exception {
        try (Subject planted = new Subject(CipherSuite.CHACHA20_POLY1305_SHA256, new Faulty(), false)) {
            long seed = 1;
            AssertionError found = null;
            for (; found == null && seed < 20_000; seed++) {
                try {
                    run(planted, new SplittableRandom(seed));
                } catch (AssertionError e) {
                    found = e;
                }
            }
            assertTrue(found != null && found.getMessage().startsWith("the peer's fault is called our own"), String.valueOf(found));
            long replayed = seed - 1;
            assertThrows(AssertionError.class, () -> run(planted, new SplittableRandom(replayed)), "seed " + replayed);
            assertDoesNotThrow(() -> run(subjects.getFirst(), new SplittableRandom(replayed)));
        }
    }
}
