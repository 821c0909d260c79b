package dev.coffer.crypto.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.coffer.crypto.Memory;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What hides headers; whole packets of the RFC and of the JDK are in [PacketProtectionTest].
class HeaderProtectionTest {
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment workspace = arena.allocate(4096);

    @AfterEach
    void endsWithAWorkspaceOfZeros() {
        assertEquals(0, RawMemory.nonZero(workspace, 0, 4096), "workspace");
        arena.close();
    }

    private HeaderProtection loaded(CipherSuite suite) {
        HeaderProtection headers = new HeaderProtection(PacketProtocol.QUIC_1, suite, workspace, 0);
        headers.at(arena.allocate(HeaderProtection.bytes(suite)), 0).load(Memory.zeros(suite.secretBytes()).fill((byte) 5), 0);
        return headers;
    }

    static java.util.List<CipherSuite> suites() {
        return PacketProtectionTest.suites();
    }

    @ParameterizedTest
    @MethodSource("suites")
    void whatItHidItShowsAndTouchesNothingElse(CipherSuite suite) {
        HeaderProtection headers = loaded(suite);
        Seeds.forEach(1, 200, random -> {
            byte[] before = new byte[80];
            random.nextBytes(before);
            int at = random.nextInt(8);
            int numberAt = at + 1 + random.nextInt(30);
            MemorySegment packet = Memory.of(before);
            headers.protect(packet, at, numberAt, 80);
            int bytes = (before[at] & 3) + 1;
            byte[] hidden = Memory.bytes(packet);
            int form = before[at] < 0 ? 0xf0 : 0xe0;
            assertEquals(before[at] & form, hidden[at] & form, "bits that are not hidden");
            for (int i = 0; i < 80; i++) {
                if (i != at && (i < numberAt || i >= numberAt + bytes)) {
                    assertEquals(before[i], hidden[i], "byte " + i);
                }
            }
            assertEquals(bytes, headers.unprotect(packet, at, numberAt, 80));
            assertEquals(-1, packet.mismatch(MemorySegment.ofArray(before)));
        });
    }

    @Test
    void aPacketTooShortForASampleIsRefusedToTheSenderAndIgnoredFromThePeer() {
        HeaderProtection headers = loaded(CipherSuite.AES_128_GCM_SHA256);
        MemorySegment packet = arena.allocate(100).fill((byte) 0x5a);
        int least = HeaderProtection.BYTES_FROM_NUMBER_MIN;
        assertThrows(IllegalArgumentException.class, () -> headers.protect(packet, 0, 9, 9 + least - 1));
        assertEquals(0, headers.unprotect(packet, 0, 9, 9 + least - 1));
        assertEquals(0, headers.unprotect(packet, 0, 9, 9));
        assertEquals(-1, packet.mismatch(arena.allocate(100).fill((byte) 0x5a)), "written to");
        headers.protect(packet, 0, 9, 9 + least);
        assertEquals(3, headers.unprotect(packet, 0, 9, 9 + least));
    }

    @ParameterizedTest
    @MethodSource("suites")
    void aKeyThatRestedIsTheSameKey(CipherSuite suite) {
        MemorySegment secret = Memory.zeros(suite.secretBytes()).fill((byte) 5);
        HeaderProtection headers = loaded(suite);
        MemorySegment packet = arena.allocate(60).fill((byte) 0x41);
        headers.protect(packet, 0, 9, 60);
        MemorySegment key = arena.allocate(HeaderProtection.KEY_BYTES_MAX);
        HeaderProtection other = new HeaderProtection(PacketProtocol.QUIC_1, suite, workspace, 0);
        other.derive(secret, 0, key, 0);  // without a place
        other.at(arena.allocate(HeaderProtection.bytes(suite)), 0).expand(key, 0);
        assertEquals(2, other.unprotect(packet, 0, 9, 60));
        assertEquals(-1, packet.mismatch(arena.allocate(60).fill((byte) 0x41)));
        assertThrows(IllegalStateException.class, () -> other.expand(key, 0), "a place that holds a key");
        assertThrows(IllegalArgumentException.class, () -> other.derive(secret, 0, workspace, 0));
        assertThrows(IllegalArgumentException.class, () -> other.derive(workspace, 0, key, 0));
        assertThrows(IllegalArgumentException.class, () -> other.derive(secret, 0, MemorySegment.ofArray(new byte[32]), 0));
        assertThrows(IndexOutOfBoundsException.class, () -> other.derive(secret, 0, key, HeaderProtection.KEY_BYTES_MAX - other.keyBytes() + 1));
        other.wipe();
        assertThrows(IllegalArgumentException.class, () -> other.expand(workspace, 0));
        assertFalse(other.isLoaded());
    }

    @Test
    void misuseIsRefusedBeforeItWrites() {
        CipherSuite suite = CipherSuite.AES_256_GCM_SHA384;
        HeaderProtection headers = loaded(suite);
        MemorySegment packet = arena.allocate(100);
        assertThrows(IndexOutOfBoundsException.class, () -> headers.protect(packet, 0, 9, 101));
        assertThrows(IndexOutOfBoundsException.class, () -> headers.unprotect(packet, 0, 9, 101));
        assertThrows(IndexOutOfBoundsException.class, () -> headers.unprotect(packet, 30, 29, 29));
        assertThrows(IllegalArgumentException.class, () -> headers.protect(packet, 9, 9, 60));
        assertThrows(IllegalArgumentException.class, () -> headers.unprotect(packet, 9, 8, 60));
        assertThrows(IllegalArgumentException.class, () -> headers.unprotect(packet, 9, 61, 60));
        assertThrows(IllegalArgumentException.class, () -> headers.protect(packet.asReadOnly(), 0, 9, 60));
        assertThrows(IllegalArgumentException.class, () -> headers.protect(workspace, 0, 9, 60));
        headers.wipe();
        assertThrows(IllegalArgumentException.class, () -> headers.load(MemorySegment.ofArray(new byte[48]), 0));
        assertThrows(IllegalArgumentException.class, () -> headers.load(workspace, 0));
        assertThrows(IllegalArgumentException.class, () -> headers.at(workspace, 0));
        assertEquals(0, RawMemory.nonZero(packet, 0, 100));
    }

    @Test
    void zerosAreNoKeyAndTheEndLeavesNone() {
        CipherSuite suite = CipherSuite.AES_256_GCM_SHA384;
        MemorySegment memory = arena.allocate(HeaderProtection.bytes(suite));
        MemorySegment packet = arena.allocate(100);
        HeaderProtection headers = new HeaderProtection(PacketProtocol.QUIC_1, suite, workspace, 0);
        assertThrows(IllegalStateException.class, () -> headers.load(packet, 0), "no place");
        headers.at(memory, 0);
        assertThrows(IllegalStateException.class, () -> headers.protect(packet, 0, 9, 60));
        assertThrows(IllegalStateException.class, () -> headers.unprotect(packet, 0, 9, 60));
        headers.load(packet, 0);
        Arena closed = Arena.ofConfined();
        MemorySegment gone = closed.allocate(48);
        closed.close();
        headers.wipe();
        assertThrows(IllegalStateException.class, () -> headers.load(gone, 0));
        assertFalse(headers.isLoaded());
        headers.load(packet, 0);
        headers.close();
        headers.close();
        assertEquals(0, RawMemory.nonZero(memory));
        assertEquals(8 + 15 * 64, memory.byteSize());
        assertEquals(0, packet.get(ValueLayout.JAVA_BYTE, 0));
    }
}
