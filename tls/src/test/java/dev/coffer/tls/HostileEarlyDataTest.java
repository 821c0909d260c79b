package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.crypto.packet.PacketProtection;
import dev.coffer.crypto.packet.PacketProtocol;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a client gets wrong that may say something early, with the right keys and without.
class HostileEarlyDataTest extends EarlyPair {
    private static final CipherSuite SUITE = CipherSuite.CHACHA20_POLY1305_SHA256;
    private static final byte[] TEXT = new byte[300];

    private final MemorySegment memory = Arena.ofAuto().allocate(1 << 17);
    private final PacketProtection early = new PacketProtection(PacketProtocol.TLS_1_3, SUITE, memory, 0).at(memory, 1 << 14);
    private byte[] hello;  // and the ChangeCipherSpec
    private byte[] flight;

    @BeforeEach
    void open() throws Exception {
        open(SERVER.withSuites(SUITE), CLIENT);
        resumable();
    }

    private static int recordBytes(byte[] stream, int at) {
        return Wire.RECORD_HEADER_BYTES + ((stream[at + 3] & 0xff) << 8 | stream[at + 4] & 0xff);
    }

    /// The server has heard a hello and nothing else, and says its flight where it is asked to.
    private void hello(boolean answered) {
        if (clients.context().sessions() == 0) {
            resumable();
        }
        begin(TEXT);
        byte[] first = said(client);
        int bytes = recordBytes(first, 0);
        bytes += recordBytes(first, bytes);
        hello = Arrays.copyOf(first, bytes);
        long keys = clients.context().config().plan().offsetOf(TlsContext.CONNECTIONS) + PacketProtection.STATE_BYTES;
        MemorySegment.copy(clients.memory(), keys, memory, 1 << 16, SUITE.secretBytes());
        early.load(memory, 1 << 16);
        hear(server, hello);
        assertTrue(server.isEarly());
        flight = answered ? said(server) : new byte[0];
    }

    private byte[] sealed(int type, String hex) {
        return sealed(type, TestClient.hex(hex), 0);
    }

    private byte[] sealed(int type, byte[] content, int padding) {
        int inner = content.length + 1 + padding;
        byte[] plain = TestClient.concat(new byte[] {Wire.APPLICATION_DATA, 3, 3}, TestClient.u16(inner + Aead.TAG_BYTES), content, new byte[] {(byte) type},
                new byte[padding + Aead.TAG_BYTES]);
        MemorySegment.copy(plain, 0, memory, ValueLayout.JAVA_BYTE, 3 << 14, plain.length);
        early.seal(early.nextNumber(), memory, 3 << 14, Wire.RECORD_HEADER_BYTES, inner);
        return memory.asSlice(3 << 14, plain.length).toArray(ValueLayout.JAVA_BYTE);
    }

    private void expect(Alert alert, byte[]... records) {
        for (byte[] record : records) {
            hear(server, record);
            said(server);
        }
        assertEquals(alert, server.alertSent(), server.toString());
        assertTrue(server.isEnded() && (ear.isEnded() || ear.heard.size() == 0), server.toString());
        end();
        assertEquals(0, place.context().pool().usedBytes());
    }

    @Test
    void messagesThatHaveNoPlaceHaveTheirAlerts() {
        hello(true);
        expect(Alert.UNEXPECTED_MESSAGE, sealed(Wire.HANDSHAKE, "14000020" + "00".repeat(32)));  // Finished, under the early key
        hello(true);
        expect(Alert.UNEXPECTED_MESSAGE, sealed(Wire.HANDSHAKE, "18000001 00"));  // a KeyUpdate
        hello(true);
        expect(Alert.DECODE_ERROR, sealed(Wire.HANDSHAKE, "05000001 00"));
        hello(true);
        expect(Alert.UNEXPECTED_MESSAGE, sealed(Wire.HANDSHAKE, "05000000 14"));  // something under the same key behind it
        hello(true);
        expect(Alert.UNEXPECTED_MESSAGE, sealed(Wire.HANDSHAKE, "0500"), sealed(Wire.APPLICATION_DATA, "01"));
        hello(true);
        expect(Alert.UNEXPECTED_MESSAGE, sealed(Wire.HANDSHAKE, ""));
        hello(true);
        expect(Alert.UNEXPECTED_MESSAGE, sealed(25, "00"));
        hello(false);
        expect(Alert.UNEXPECTED_MESSAGE, sealed(Wire.HANDSHAKE, "05000000"));  // before it can have heard our Finished
        hello(true);
        expect(Alert.DECODE_ERROR, sealed(Wire.ALERT, "02"));
    }

    @Test
    void behindItsEndNothingIsHeardUnderItsKey() {
        hello(true);
        expect(Alert.BAD_RECORD_MAC, sealed(Wire.HANDSHAKE, "05000000"), sealed(Wire.APPLICATION_DATA, "01"));
        hello(true);
        hear(server, sealed(Wire.APPLICATION_DATA, "0102"));
        assertArrayEquals(new byte[] {1, 2}, ear.heard.toByteArray());
        byte[] end = sealed(Wire.HANDSHAKE, "05000000");
        hear(server, end);
        assertTrue(server.isEarly(), "until Finished");
        expect(Alert.BAD_RECORD_MAC, end);
    }

    /// What is taken is opened, or it is no client of ours: nothing is tried and passed over.
    @Test
    void aRecordThatDoesNotVerifyEndsIt() {
        hello(true);
        byte[] record = sealed(Wire.APPLICATION_DATA, "0102030405");
        record[7] ^= 1;
        expect(Alert.BAD_RECORD_MAC, record);
        hello(true);
        expect(Alert.UNEXPECTED_MESSAGE, new byte[] {Wire.HANDSHAKE, 3, 3, 0, 4, 5, 0, 0, 0});  // in the clear
    }

    @Test
    void paddingIsNotCountedAndEmptyRecordsAreNothing() {
        hello(true);
        hear(server, sealed(Wire.APPLICATION_DATA, new byte[10], 5000));
        hear(server, sealed(Wire.APPLICATION_DATA, new byte[0], 0));
        assertEquals(10, ear.heard.size());
        assertFalse(server.isEnded());
        hear(server, sealed(Wire.APPLICATION_DATA, new byte[16_374], 0));
        assertEquals(16_384, ear.heard.size());
        hear(server, sealed(Wire.APPLICATION_DATA, new byte[0], 0));
        assertFalse(server.isEnded());
        expect(Alert.UNEXPECTED_MESSAGE, sealed(Wire.APPLICATION_DATA, new byte[1], 0));
    }

    @Test
    void whoLeavesInTheMiddleLeavesNothing() {
        hello(false);
        hear(server, sealed(Wire.APPLICATION_DATA, "0102"));
        server.feedEnd(now);
        said(server);
        assertTrue(server.isTruncated());
        end();
        hello(true);
        hear(server, sealed(Wire.APPLICATION_DATA, "0102"));
        expectClosed(sealed(Wire.ALERT, "0100"));
        hello(true);
        hear(server, sealed(Wire.APPLICATION_DATA, "0102"));
        server.onDeadline(now + server.deadlineNanos());
        said(server);
        assertTrue(server.isEnded(), "it never said Finished");
        end();
    }

    private void expectClosed(byte[] closing) {
        hear(server, closing);
        said(server);
        assertEquals(Alert.CLOSE_NOTIFY, server.alertReceived());
        assertTrue(server.isEnded(), server.toString());
        end();
    }

    /// A conversation with early data of which anything is changed on the wire: alerts of the standard alone, nothing held, and of what is heard no byte that was
    /// not said.
    @Test
    void anythingChangedOnTheWireIsFoundOrPassedOver() throws Exception {
        SplittableRandom random = new SplittableRandom(2026);
        int taken = 0;
        for (int round = 0; round < 1500; round++) {
            if (clients.context().sessions() == 0) {
                resumable();
            }
            begin(TEXT);
            byte[] up = said(client);
            byte[] changed = up.clone();
            switch (random.nextInt(4)) {
                case 0 -> changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
                case 1 -> changed = Arrays.copyOf(changed, random.nextInt(changed.length));
                case 2 -> {
                    int at = random.nextInt(changed.length);
                    changed = TestClient.concat(Arrays.copyOf(changed, at), Arrays.copyOfRange(up, random.nextInt(up.length), up.length));
                }
                default -> changed = TestClient.concat(changed, Arrays.copyOfRange(up, random.nextInt(up.length), up.length));
            }
            hear(server, changed);
            byte[] down = said(server);
            byte[] heard = ear.heard.toByteArray();
            assertArrayEquals(Arrays.copyOf(TEXT, heard.length), heard, "round " + round);
            assertTrue(server.alertSent() != Alert.INTERNAL_ERROR, "round " + round + ": " + server);
            taken += heard.length > 0 ? 1 : 0;
            if (random.nextBoolean() && down.length > 0) {
                down[random.nextInt(down.length)] ^= (byte) (1 << random.nextInt(8));
            }
            hear(client, down);
            hear(server, said(client));
            said(server);
            assertTrue(client.alertSent() != Alert.INTERNAL_ERROR, "round " + round + ": " + client);
            end();
            assertEquals(0, place.context().pool().usedBytes(), "round " + round);
            assertEquals(0, clients.context().pool().usedBytes(), "round " + round);
        }
        assertTrue(taken > 100, "of 1,500 " + taken);
    }
}
