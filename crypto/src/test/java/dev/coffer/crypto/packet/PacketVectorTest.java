package dev.coffer.crypto.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.Memory;
import dev.coffer.crypto.kdf.Hkdf;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.SeededEntropy;
import dev.coffer.testkit.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Packets and records as RFC 9001, RFC 8448 and the JDK make them.
class PacketVectorTest {
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment workspace = arena.allocate(4096);

    @AfterEach
    void endsWithAWorkspaceOfZeros() {
        assertEquals(0, RawMemory.nonZero(workspace, 0, 4096), "workspace");
        arena.close();
    }

    static List<CipherSuite> suites() {
        return List.of(CipherSuite.AES_128_GCM_SHA256, CipherSuite.AES_256_GCM_SHA384, CipherSuite.CHACHA20_POLY1305_SHA256);
    }

    private PacketProtection loaded(PacketProtocol protocol, CipherSuite suite, MemorySegment secret) {
        PacketProtection keys = new PacketProtection(protocol, suite, workspace, 0);
        keys.at(arena.allocate(PacketProtection.bytes(suite)), 0).load(secret, 0);
        return keys;
    }

    private HeaderProtection headers(CipherSuite suite, MemorySegment secret) {
        HeaderProtection headers = new HeaderProtection(PacketProtocol.QUIC_1, suite, workspace, 0);
        headers.at(arena.allocate(HeaderProtection.bytes(suite)), 0).load(secret, 0);
        return headers;
    }

    private static MemorySegment hex(String text) {
        return Memory.of(PacketVectors.bytes(text));
    }

    /// RFC 9001, section 5.2 and appendix A.1.
    @Test
    void initialSecretsAreThoseOfAppendixA1() {
        MemorySegment initial = arena.allocate(32);
        MemorySegment salt = hex(PacketVectors.INITIAL_SALT);
        MemorySegment id = hex(PacketVectors.CONNECTION_ID);
        Hkdf.SHA_256.extract(workspace, 0, salt, 0, salt.byteSize(), id, 0, id.byteSize(), initial, 0);
        assertEquals(PacketVectors.INITIAL_SECRET, Memory.hex(initial));
        for (String[] side : new String[][] {{"client in", PacketVectors.CLIENT_INITIAL_SECRET},
                {"server in", PacketVectors.SERVER_INITIAL_SECRET}}) {
            MemorySegment label = Memory.of(side[0].getBytes());
            MemorySegment secret = arena.allocate(32);
            Hkdf.SHA_256.expandLabel(workspace, 0, initial, 0, label, 0, (int) label.byteSize(), label, 0, 0, secret, 0, 32);
            assertEquals(side[1], Memory.hex(secret));
        }
    }

    @Test
    void theClientsInitialPacketIsThatOfAppendixA2() {
        byte[] payload = java.util.Arrays.copyOf(PacketVectors.bytes(PacketVectors.CLIENT_FRAME), PacketVectors.CLIENT_PAYLOAD_BYTES);
        bothWays(CipherSuite.AES_128_GCM_SHA256, PacketVectors.CLIENT_INITIAL_SECRET, PacketVectors.CLIENT_HEADER, payload,
                PacketVectors.CLIENT_NUMBER, 4, PacketVectors.CLIENT_PACKET);
    }

    @Test
    void theServersInitialPacketIsThatOfAppendixA3() {
        bothWays(CipherSuite.AES_128_GCM_SHA256, PacketVectors.SERVER_INITIAL_SECRET, PacketVectors.SERVER_HEADER,
                PacketVectors.bytes(PacketVectors.SERVER_PAYLOAD), PacketVectors.SERVER_NUMBER, 2, PacketVectors.SERVER_PACKET);
    }

    @Test
    void theShortPacketOfChaCha20IsThatOfAppendixA5() {
        bothWays(CipherSuite.CHACHA20_POLY1305_SHA256, PacketVectors.CHACHA20_SECRET, PacketVectors.CHACHA20_HEADER, new byte[] {1},
                PacketVectors.CHACHA20_NUMBER, 3, PacketVectors.CHACHA20_PACKET);
    }

    /// Sealed and hidden in place, in the middle of a larger memory; then shown and opened again.
    private void bothWays(CipherSuite suite, String secretHex, String headerHex, byte[] payload, long number, int numberBytes,
            String packetHex) {
        MemorySegment secret = hex(secretHex);
        byte[] header = PacketVectors.bytes(headerHex);
        byte[] expected = PacketVectors.bytes(packetHex);
        int at = 7;
        MemorySegment datagram = arena.allocate(at + expected.length + 9).fill((byte) 0x5a);
        MemorySegment.copy(header, 0, datagram, ValueLayout.JAVA_BYTE, at, header.length);
        MemorySegment.copy(payload, 0, datagram, ValueLayout.JAVA_BYTE, at + header.length, payload.length);
        PacketProtection sender = loaded(PacketProtocol.QUIC_1, suite, secret);
        HeaderProtection headers = headers(suite, secret);
        long numberAt = at + header.length - numberBytes;
        long end = at + expected.length;

        sender.seal(number, datagram, at, header.length, payload.length);
        headers.protect(datagram, at, numberAt, end);
        assertEquals(Memory.hex(Memory.of(expected)), Memory.hex(datagram.asSlice(at, expected.length)));

        PacketProtection receiver = loaded(PacketProtocol.QUIC_1, suite, secret);
        assertEquals(numberBytes, headers.unprotect(datagram, at, numberAt, end));
        assertEquals(headerHex, Memory.hex(datagram.asSlice(at, header.length)));
        assertTrue(receiver.open(number, datagram, at, header.length, payload.length + Aead.TAG_BYTES));
        assertEquals(-1, datagram.asSlice(at + header.length, payload.length).mismatch(MemorySegment.ofArray(payload)));
        assertEquals(number + 1, receiver.nextNumber());
        for (int i = 0; i < 7; i++) {
            assertEquals(0x5a, datagram.get(ValueLayout.JAVA_BYTE, i), "before the packet");
            assertEquals(0x5a, datagram.get(ValueLayout.JAVA_BYTE, end + i), "behind the packet");
        }
    }

    /// RFC 8448, section 3: content, its type, and the header of five bytes that is the associated data.
    @Test
    void recordsAreThoseOfRfc8448() {
        record(PacketVectors.TLS_HANDSHAKE_SECRET, PacketVectors.TLS_FINISHED, 22, PacketVectors.TLS_FINISHED_RECORD);
        record(PacketVectors.TLS_DATA_SECRET, PacketVectors.TLS_DATA, 23, PacketVectors.TLS_DATA_RECORD);
    }

    private void record(String secret, String content, int type, String expected) {
        MemorySegment text = hex(content + String.format("%02x", type));
        MemorySegment whole = hex(expected);
        PacketProtection sender = loaded(PacketProtocol.TLS_1_3, CipherSuite.AES_128_GCM_SHA256, hex(secret));
        MemorySegment record = arena.allocate(whole.byteSize());
        MemorySegment.copy(whole, 0, record, 0, 5);
        sender.seal(sender.nextNumber(), record, 0, 5, text, 0, text.byteSize(), record, 5);
        assertEquals(Memory.hex(whole), Memory.hex(record));
        PacketProtection receiver = loaded(PacketProtocol.TLS_1_3, CipherSuite.AES_128_GCM_SHA256, hex(secret));
        assertTrue(receiver.open(0, record, 0, 5, (int) whole.byteSize() - 5));
        assertEquals(-1, record.asSlice(5, text.byteSize()).mismatch(text));
    }

    /// Keys, IV and header key derived with the JDK's HMAC, packets made with the JDK's AEADs and ciphers.
    @ParameterizedTest
    @MethodSource("suites")
    void packetsAreThoseOfTheJdk(CipherSuite suite) {
        Seeds.forEach(1, 40, random -> {
            try (Arena own = Arena.ofConfined()) {
                MemorySegment secret = own.allocate(suite.secretBytes());
                new SeededEntropy(random.nextLong()).fill(secret, 0, secret.byteSize());
                int generations = random.nextInt(4);
                PacketProtection sender = loaded(PacketProtocol.QUIC_1, suite, secret);
                byte[] jdkSecret = Memory.bytes(secret);
                String hmac = suite.secretBytes() == 48 ? "HmacSHA384" : "HmacSHA256";
                byte[] headerKey = expandLabel(hmac, jdkSecret, "quic hp", suite.aead().keyBytes());
                for (int i = 0; i < generations; i++) {
                    sender.update();
                    jdkSecret = expandLabel(hmac, jdkSecret, "quic ku", suite.secretBytes());
                }
                int headerBytes = 1 + random.nextInt(20) + 4;
                int length = 4 + random.nextInt(300);
                byte[] packet = new byte[headerBytes + length];
                random.nextBytes(packet);
                long number = random.nextLong(1L << 62);
                MemorySegment ours = own.allocate(packet.length + Aead.TAG_BYTES);
                MemorySegment.copy(packet, 0, ours, ValueLayout.JAVA_BYTE, 0, packet.length);
                sender.seal(number, ours, 0, headerBytes, length);
                int numberBytes = (packet[0] & 3) + 1;
                long numberAt = headerBytes - numberBytes;
                headers(suite, secret).protect(ours, 0, numberAt, ours.byteSize());

                byte[] theirs = jdk(suite, expandLabel(hmac, jdkSecret, "quic key", suite.aead().keyBytes()),
                        expandLabel(hmac, jdkSecret, "quic iv", 12), headerKey, packet, headerBytes, number);
                assertEquals(Memory.hex(Memory.of(theirs)), Memory.hex(ours));
            } catch (java.security.GeneralSecurityException e) {
                throw new AssertionError(e);
            }
        });
    }

    private static byte[] jdk(CipherSuite suite, byte[] key, byte[] iv, byte[] headerKey, byte[] packet, int headerBytes,
            long number) throws java.security.GeneralSecurityException {
        for (int i = 0; i < 8; i++) {
            iv[11 - i] ^= (byte) (number >>> 8 * i);
        }
        boolean aes = suite != CipherSuite.CHACHA20_POLY1305_SHA256;
        Cipher cipher = Cipher.getInstance(aes ? "AES/GCM/NoPadding" : "ChaCha20-Poly1305");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, aes ? "AES" : "ChaCha20"),
                aes ? new GCMParameterSpec(128, iv) : new IvParameterSpec(iv));
        cipher.updateAAD(packet, 0, headerBytes);
        byte[] sealed = java.util.Arrays.copyOf(packet, packet.length + Aead.TAG_BYTES);
        cipher.doFinal(packet, headerBytes, packet.length - headerBytes, sealed, headerBytes);
        int numberBytes = (packet[0] & 3) + 1;
        int numberAt = headerBytes - numberBytes;
        byte[] sample = java.util.Arrays.copyOfRange(sealed, numberAt + 4, numberAt + 20);
        byte[] mask;
        if (aes) {
            Cipher block = Cipher.getInstance("AES/ECB/NoPadding");
            block.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(headerKey, "AES"));
            mask = block.doFinal(sample);
        } else {
            int counter = sample[0] & 0xff | (sample[1] & 0xff) << 8 | (sample[2] & 0xff) << 16 | sample[3] << 24;
            Cipher stream = Cipher.getInstance("ChaCha20");
            stream.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(headerKey, "ChaCha20"),
                    new javax.crypto.spec.ChaCha20ParameterSpec(java.util.Arrays.copyOfRange(sample, 4, 16), counter));
            mask = stream.doFinal(new byte[5]);
        }
        sealed[0] ^= (byte) (mask[0] & (sealed[0] < 0 ? 0x0f : 0x1f));
        for (int i = 0; i < numberBytes; i++) {
            sealed[numberAt + i] ^= mask[1 + i];
        }
        return sealed;
    }

    /// RFC 8446, section 7.1, for outputs of one block.
    private static byte[] expandLabel(String hmac, byte[] secret, String label, int length)
            throws java.security.GeneralSecurityException {
        Mac mac = Mac.getInstance(hmac);
        mac.init(new SecretKeySpec(secret, hmac));
        byte[] name = ("tls13 " + label).getBytes();
        mac.update(new byte[] {0, (byte) length, (byte) name.length});
        mac.update(name);
        mac.update(new byte[] {0, 1});
        return java.util.Arrays.copyOf(mac.doFinal(), length);
    }

    @Test
    void theNextSecretIsThatOfAppendixA5() {
        CipherSuite suite = CipherSuite.CHACHA20_POLY1305_SHA256;
        MemorySegment packet = arena.allocate(100);
        PacketProtection updated = loaded(PacketProtocol.QUIC_1, suite, hex(PacketVectors.CHACHA20_SECRET));
        updated.update();
        updated.seal(1, packet, 0, 10, 20);
        PacketProtection next = loaded(PacketProtocol.QUIC_1, suite, hex(PacketVectors.CHACHA20_NEXT_SECRET));
        assertTrue(next.open(1, packet, 0, 10, 36));
    }
}
