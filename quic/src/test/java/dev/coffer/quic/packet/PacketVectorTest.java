package dev.coffer.quic.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.testkit.Vectors;
import java.io.IOException;
import java.io.Reader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Appendix A of RFC 9000 and of RFC 9001, and what RFC 9369 says of its own, byte for byte, both ways.
class PacketVectorTest {
    private static final String RFC_9001 = "http/rfc/rfc9001-appendix-a.json";
    private static final String RFC_9000 = "http/rfc/rfc9000-appendix-a.json";

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment workspace = arena.allocate(OpeningKeys.workspaceBytes(CipherSuite.AES_256_GCM_SHA384) + RetryTag.WORKSPACE_BYTES);

    @AfterEach
    void close() {
        arena.close();
    }

    private static JsonObject read(String file) {
        assumeTrue(Vectors.present(file), Vectors.absence(file));
        try (Reader in = Vectors.reader(file)) {
            return JsonParser.parseReader(in).getAsJsonObject();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private SealingKeys sealing(Version version, CipherSuite suite, MemorySegment secret) {
        SealingKeys keys = new SealingKeys(version, suite, workspace, 0);
        keys.at(arena.allocate(SealingKeys.STATE_BYTES), 0, arena.allocate(SealingKeys.keyBytes(suite)), 0);
        keys.load(secret, 0);
        return keys;
    }

    private OpeningKeys opening(Version version, CipherSuite suite, MemorySegment secret) {
        OpeningKeys keys = new OpeningKeys(version, suite, workspace, 0);
        keys.at(arena.allocate(OpeningKeys.STATE_BYTES), 0, arena.allocate(OpeningKeys.keyBytes(suite)), 0);
        keys.load(secret, 0);
        return keys;
    }

    private MemorySegment initial(Version version, boolean client, String id) {
        MemorySegment secret = arena.allocate(InitialSecrets.BYTES);
        MemorySegment bytes = Hex.of(arena, id);
        InitialSecrets.write(version, client, bytes, 0, (int) bytes.byteSize(), workspace, 0, secret, 0);
        return secret;
    }

    @Test
    void initialSecretsAreThoseOfAppendixA1() {
        JsonObject a = read(RFC_9001);
        String id = a.get("dcid").getAsString();
        assertEquals(a.getAsJsonObject("client_initial").get("secret").getAsString(), Hex.of(initial(Version.V1, true, id), 0, 32));
        assertEquals(a.getAsJsonObject("server_initial").get("secret").getAsString(), Hex.of(initial(Version.V1, false, id), 0, 32));
    }

    /// RFC 9369, appendix A.1, of the same ID.
    @Test
    void initialSecretsOfVersion2AreThoseOfItsAppendix() {
        assertEquals("14ec9d6eb9fd7af83bf5a668bc17a7e283766aade7ecd0891f70f9ff7f4bf47b", Hex.of(initial(Version.V2, true, "8394c8f03e515708"), 0, 32));
        assertEquals("0263db1782731bf4588e7e4d93b7463907cb8cd8200b5da55a8bd488eafc37c1", Hex.of(initial(Version.V2, false, "8394c8f03e515708"), 0, 32));
    }

    /// Protects and opens what the appendix shows, in its own header.
    private void both(JsonObject packet, String plain, SealingKeys seals, OpeningKeys opens, int ownIdBytes) {
        String header = packet.get("header").getAsString();
        String whole = packet.get("packet").getAsString();
        long number = packet.get("packet_number").getAsLong();
        MemorySegment out = Hex.of(arena, header + plain, whole.length() / 2);
        int numberBytes = (out.get(java.lang.foreign.ValueLayout.JAVA_BYTE, 0) & 3) + 1;
        long numberAt = header.length() / 2 - numberBytes;
        long end = seals.seal(out, 0, numberAt, number, (header + plain).length() / 2);
        assertEquals(whole, Hex.of(out, 0, end));
        PacketReader reader = new PacketReader();
        reader.begin(out, 0, end, ownIdBytes);
        assertEquals(PacketReader.Found.PACKET, reader.next());
        assertEquals(numberAt, reader.numberAt());
        assertEquals(end, reader.end());
        assertEquals(number, opens.open(out, reader.at(), reader.numberAt(), reader.end(), number - 1));
        assertEquals(plain, Hex.of(out, opens.textAt(), opens.textEnd() - opens.textAt()));
        assertEquals(PacketReader.Found.END, reader.next());
    }

    @Test
    void initialPacketsOfAppendixA2AndA3AreSealedAndOpened() {
        JsonObject a = read(RFC_9001);
        String id = a.get("dcid").getAsString();
        JsonObject client = a.getAsJsonObject("client_initial_packet");
        String crypto = client.get("crypto_frame").getAsString();
        int padding = client.get("payload_len").getAsInt() - crypto.length() / 2;
        CipherSuite suite = CipherSuite.AES_128_GCM_SHA256;
        both(client, crypto + "00".repeat(padding), sealing(Version.V1, suite, initial(Version.V1, true, id)),
                opening(Version.V1, suite, initial(Version.V1, true, id)), 0);
        JsonObject server = a.getAsJsonObject("server_initial_packet");
        both(server, server.get("payload").getAsString(), sealing(Version.V1, suite, initial(Version.V1, false, id)),
                opening(Version.V1, suite, initial(Version.V1, false, id)), 0);
    }

    /// RFC 9369, appendix A.3: the same frames.
    @Test
    void theInitialPacketOfVersion2IsSealedAndOpened() {
        JsonObject server = read(RFC_9001).getAsJsonObject("server_initial_packet").deepCopy();
        server.addProperty("header", "d16b3343cf0008f067a5502a4262b50040750001");
        server.addProperty("packet", """
                dc6b3343cf0008f067a5502a4262b5004075d92faaf16f05d8a4398c47089698baeea26b91eb761d9b89237bbf87263017915358230035f7fd3945d88965cf17
                f9af6e16886c61bfc703106fbaf3cb4cfa52382dd16a393e42757507698075b2c984c707f0a0812d8cd5a6881eaf21ceda98f4bd23f6fe1a3e2c43edd9ce7ca8
                4bed8521e2e140""".replace("\n", ""));
        CipherSuite suite = CipherSuite.AES_128_GCM_SHA256;
        both(server, server.get("payload").getAsString(), sealing(Version.V2, suite, initial(Version.V2, false, "8394c8f03e515708")),
                opening(Version.V2, suite, initial(Version.V2, false, "8394c8f03e515708")), 0);
    }

    /// RFC 9369, appendix A.5.
    @Test
    void theShortPacketOfVersion2IsSealedAndOpenedAndItsSecretStepped() {
        JsonObject packet = read(RFC_9001).getAsJsonObject("chacha20_short").deepCopy();
        packet.addProperty("packet", "5558b1c60ae7b6b932bc27d786f4bc2bb20f2162ba");
        CipherSuite suite = CipherSuite.CHACHA20_POLY1305_SHA256;
        MemorySegment secret = Hex.of(arena, packet.get("secret").getAsString());
        both(packet, packet.get("payload").getAsString(), sealing(Version.V2, suite, secret), opening(Version.V2, suite, secret), 0);
        assertEquals("c69374c49e3d2a9466fa689e49d476db5d0dfbc87d32ceeaa6343fd0ae4c7d88", stepped(Version.V2, secret));
    }

    private String stepped(Version version, MemorySegment secret) {
        CipherSuite suite = CipherSuite.CHACHA20_POLY1305_SHA256;
        SealingKeys keys = new SealingKeys(version, suite, workspace, 0);
        MemorySegment state = arena.allocate(SealingKeys.STATE_BYTES);
        keys.at(state, 0, arena.allocate(SealingKeys.keyBytes(suite)), 0);
        keys.load(secret, 0);
        keys.update();
        return Hex.of(state, 0, 32);
    }

    @Test
    void theShortPacketOfAppendixA5IsSealedAndOpenedWithChaCha20() {
        JsonObject packet = read(RFC_9001).getAsJsonObject("chacha20_short");
        CipherSuite suite = CipherSuite.CHACHA20_POLY1305_SHA256;
        MemorySegment secret = Hex.of(arena, packet.get("secret").getAsString());
        both(packet, packet.get("payload").getAsString(), sealing(Version.V1, suite, secret), opening(Version.V1, suite, secret), 0);
    }

    @Test
    void theSecretAfterAKeyUpdateIsThatOfAppendixA5() {
        JsonObject packet = read(RFC_9001).getAsJsonObject("chacha20_short");
        assertEquals(packet.get("ku").getAsString(), stepped(Version.V1, Hex.of(arena, packet.get("secret").getAsString())));
    }

    @Test
    void headersOfTheAppendixAreWritten() {
        JsonObject a = read(RFC_9001);
        MemorySegment ids = arena.allocate(2 * ConnectionId.BYTES);
        MemorySegment eight = Hex.of(arena, a.get("dcid").getAsString());
        ConnectionId.set(ids, 0, eight, 0, 8);
        ConnectionId.set(ids, ConnectionId.BYTES, eight, 0, 0);
        MemorySegment out = arena.allocate(100);
        long numberAt = PacketWriter.initial(out, 0, Version.V1, ids, 0, ConnectionId.BYTES, out, 0, 0, 2, 4);
        PacketWriter.length(out, numberAt, numberAt + 4 + 1162);
        assertEquals(a.getAsJsonObject("client_initial_packet").get("header").getAsString(), Hex.of(out, 0, numberAt + 4));
        assertEquals(numberAt + 4, PacketWriter.longBytes(8, 0, 0, 4));
    }

    @Test
    void theRetryOfAppendixA4IsTaggedAndVerified() {
        JsonObject retry = read(RFC_9001).getAsJsonObject("retry");
        check(Version.V1, retry.get("original_dcid").getAsString(), retry.get("packet").getAsString());
    }

    /// RFC 9369, appendix A.4.
    @Test
    void theRetryOfVersion2IsTaggedAndVerified() {
        check(Version.V2, "8394c8f03e515708", "cf6b3343cf0008f067a5502a4262b5746f6b656ec8646ce8bfe33952d955543665dcc7b6");
    }

    private void check(Version version, String original, String packet) {
        MemorySegment id = Hex.id(arena, original);
        MemorySegment source = Hex.id(arena, "f067a5502a4262b5");
        MemorySegment ids = arena.allocate(2 * ConnectionId.BYTES);
        ConnectionId.copy(source, 0, ids, ConnectionId.BYTES);
        MemorySegment out = arena.allocate(packet.length() / 2);
        RetryTag tag = new RetryTag(workspace, 0);
        long end = PacketWriter.retry(out, 0, version, 0xf, ids, 0, ConnectionId.BYTES, Hex.of(arena, "746f6b656e"), 0, 5);
        assertEquals(packet.length() / 2, tag.write(version, id, 0, out, 0, end));
        assertEquals(packet, Hex.of(out, 0, out.byteSize()));
        PacketReader reader = new PacketReader();
        for (int bit = 0; bit < 8 * out.byteSize(); bit++) {
            flip(out, bit);
            reader.begin(out, 0, out.byteSize(), 0);
            assertFalse(reader.next() == PacketReader.Found.RETRY && tag.verify(id, 0, reader), "bit " + bit);
            flip(out, bit);
        }
        reader.begin(out, 0, out.byteSize(), 0);
        assertEquals(PacketReader.Found.RETRY, reader.next());
        assertEquals("746f6b656e", Hex.of(out, reader.tokenAt(), reader.tokenLength()));
        assertTrue(tag.verify(id, 0, reader));
        assertFalse(tag.verify(source, 0, reader), "of another first packet");
    }

    private static void flip(MemorySegment segment, int bit) {
        var one = java.lang.foreign.ValueLayout.JAVA_BYTE;
        segment.set(one, bit / 8, (byte) (segment.get(one, bit / 8) ^ 1 << bit % 8));
    }

    @Test
    void numbersAreCutAndFoundAsInAppendixA2AndA3() {
        JsonObject a = read(RFC_9000);
        a.getAsJsonArray("pn_encode").forEach(each -> {
            JsonObject one = each.getAsJsonObject();
            assertEquals(one.get("bytes").getAsInt(), PacketNumber.bytes(Long.parseLong(one.get("full").getAsString(), 16),
                    Long.parseLong(one.get("largest_acked").getAsString(), 16)));
        });
        a.getAsJsonArray("pn_decode").forEach(each -> {
            JsonObject one = each.getAsJsonObject();
            MemorySegment low = Hex.of(arena, one.get("truncated").getAsString());
            assertEquals(Long.parseLong(one.get("full").getAsString(), 16),
                    PacketNumber.read(low, 0, one.get("bits").getAsInt() / 8, Long.parseLong(one.get("largest").getAsString(), 16)));
        });
    }
}
