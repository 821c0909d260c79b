package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.crypto.packet.PacketProtection;
import dev.coffer.crypto.packet.PacketProtocol;
import dev.coffer.testkit.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// The key schedule on the trace of RFC 8448, section 4, "Resumed 0-RTT Handshake": every secret of it, and the records under the early one.
class ResumedTraceTest {
    private static final String TICKET = "2c035d829359ee5ff7af4ec900000000262a6494dc486d2c8a34cb33fa90bf1b0070ad3c498883c9367c09a2be785abc"
            + "55cd226097a3a982117283f82a03a143efd3ff5dd36d64e861be7fd61d2827db279cce145077d454a3664d4e6da4d29ee03725a6a4dafcd0fc67d2aea7052951"
            + "3e3da2677fa5906c5b3f7d8f92f228bda40dda721470f9fbf297b5aea617646fac5c03272e970727c621a79141ef5f7de6505e5bfbc388e93343694093934ae4"
            + "d357";
    static final String PSK_OF_TICKET = "4ecd0eb6ec3b4d87f5d6028f922ca4c5851a277fd41311c9e62d2c9492e1c4f3";
    private static final String HELLO = "010001fc03031bc3ceb6bbe39cff938355b5a50adb6db21b7a6af649d7b4bc419d7876487d95000006130113031302010001cd0000000b000900"
            + "0006736572766572ff01000100000a00140012001d00170018001901000101010201030104003300260024001d0020e4ffb68ac05f8d96c99da26698346c6be1"
            + "6482badddafe051a66b4f18d668f0b002a0000002b0003020304000d0020001e040305030603020308040805080604010501060102010402050206020202002d"
            + "00020101001c0002400100150057" + "00".repeat(87) + "002900dd00b800b2" + TICKET + "fad6aacb";
    private static final String BINDER = "3add4fb2d8fdf822a0ca3cf7678ef5e88dae990141c5924d57bb6fa31b9e5f9d";
    private static final String SERVER_HELLO = "0200005c03033ccfd2dec890222763472ae8136777c9d7358777bb66e91ea5122495f559ea2d0013010000340029000200000033"
            + "0024001d0020121761ee42c333e1b9e77b60dd57c2053cd94512ab47f115e86eff50942cea31002b00020304";
    private static final String EXTENSIONS = "080000280026000a00140012001d00170018001901000101010201030104001c0002400100000000002a0000";
    private static final String SERVER_FINISHED = "48d3e0e1b3d907c6acff145e16090388c77b05c050b634ab1a88bbd0dd1a34b2";
    private static final String CLIENT_FINISHED = "7230a9c952c25cd6138fc5e6628308c41c5335dd81b9f96bcea50fd32bda416d";

    // Places.
    private static final long SECRET = 0;
    private static final long HASH = 64;
    private static final long DERIVED = 128;
    private static final long CLIENT = 192;
    private static final long SERVER = 256;
    private static final long SHARED = 320;
    private static final long PSK = 384;
    private static final long TRANSCRIPT = 512;
    private static final long WORK = 4096;
    private static final long EARLY_STATE = 1 << 14;
    private static final long EARLY_WORK = 1 << 15;
    private static final long EARLY_RECORD = 3 << 14;

    private final MemorySegment memory = Arena.ofAuto().allocate(1 << 16);
    private final Transcript transcript = new Transcript(memory, TRANSCRIPT);
    private final KeySchedule schedule = new KeySchedule(CipherSuite.AES_128_GCM_SHA256, memory, WORK);

    private void put(long at, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, at, bytes.length);
    }

    private String at(long at) {
        return HexFormat.of().formatHex(memory.asSlice(at, 32).toArray(ValueLayout.JAVA_BYTE));
    }

    private void add(String hex) {
        byte[] message = HexFormat.of().parseHex(hex);
        transcript.add(MemorySegment.ofArray(message), 0, message.length);
        transcript.digest(memory, HASH);
    }

    private String derived(MemorySegment label) {
        schedule.derive(memory, SECRET, label, memory, HASH, memory, DERIVED);
        return at(DERIVED);
    }

    /// The two records that the client sends under its early secret, which was derived last.
    private void early() {
        PacketProtection write = new PacketProtection(PacketProtocol.TLS_1_3, CipherSuite.AES_128_GCM_SHA256, memory, EARLY_WORK).at(memory, EARLY_STATE);
        schedule.derive(memory, SECRET, KeySchedule.CLIENT_EARLY, memory, HASH, memory, DERIVED);
        write.load(memory, DERIVED);
        assertEquals("1703030017ab1df420e75c457a7cc5d2844f76d5aee4b4edbf049be0", sealed(write, Wire.APPLICATION_DATA, "414243444546"));
        assertEquals("1703030015aca6fc944841298df99593725f9bf9754429b12f09", sealed(write, Wire.HANDSHAKE, "05000000"));
    }

    private String sealed(PacketProtection write, int type, String content) {
        int length = content.length() / 2;
        put(EARLY_RECORD, "170303" + String.format("%04x", length + 1 + Aead.TAG_BYTES) + content + String.format("%02x", type));
        write.seal(write.nextNumber(), memory, EARLY_RECORD, Wire.RECORD_HEADER_BYTES, length + 1);
        return HexFormat.of().formatHex(memory.asSlice(EARLY_RECORD, Wire.RECORD_HEADER_BYTES + length + 1 + Aead.TAG_BYTES).toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void everySecretOfRfc8448Section4() {
        put(SECRET, "7df235f2031d2a051287d02b0241b0bfdaf86cc856231f2d5aba46c434ec196c");
        schedule.resumption(memory, SECRET, MemorySegment.ofArray(new byte[2]), 0, 2, memory, PSK);
        assertEquals(PSK_OF_TICKET, at(PSK));
        schedule.early(memory, PSK, memory, SECRET);
        assertEquals("9b2188e9b2fc6d64d71dc329900e20bb41915000f678aa839cbb797cb7d8332c", at(SECRET));
        transcript.begin(schedule.hash());
        add(HELLO);
        assertEquals("63224b2e4573f2d3454ca84b9d009a04f6be9e05711a8396473aefa01e924a14", at(HASH), "up to the binders");
        schedule.binder(memory, SECRET, memory, HASH, memory, DERIVED);
        assertEquals(BINDER, at(DERIVED));
        add("002120" + BINDER);
        assertEquals("08ad0fa05d7c7233b1775ba2ff9f4c5b8b59276b7f227f13a976245f5d960913", at(HASH));
        assertEquals("3fbbe6a60deb66c30a32795aba0eff7eaa10105586e7be5c09678d63b6caab62", derived(KeySchedule.CLIENT_EARLY));
        assertEquals("b2026866610937d7423e5be90862ccf24c0e6091186d34f812089ff5be2ef7df", derived(KeySchedule.EARLY_EXPORTER));
        early();
        put(SHARED, "f44194756ff9ec9d25180635d66ea6824c6ab3bf179977be37f723570e7ccb2e");
        schedule.handshake(memory, SECRET, memory, SHARED, 32);
        assertEquals("005cb112fd8eb4ccc623bb88a07c64b3ede1605363fc7d0df8c7ce4ff0fb4ae6", at(SECRET));
        add(SERVER_HELLO);
        schedule.derive(memory, SECRET, KeySchedule.CLIENT_HANDSHAKE, memory, HASH, memory, CLIENT);
        schedule.derive(memory, SECRET, KeySchedule.SERVER_HANDSHAKE, memory, HASH, memory, SERVER);
        assertEquals("2faac08f851d35fea3604fcb4de82dc62c9b164a70974d0462e27f1ab278700f", at(CLIENT));
        assertEquals("fe927ae271312e8bf0275b581c54eef020450dc4ecffaa05a1a35d27518e7803", at(SERVER));
        add(EXTENSIONS);
        schedule.finished(memory, SERVER, memory, HASH, memory, DERIVED);
        assertEquals(SERVER_FINISHED, at(DERIVED));
        schedule.master(memory, SECRET);
        assertEquals("e2d32d4ed66dd37897a0e80c84107503ce58bf8aad4cb55a5002d77ecb890ece", at(SECRET));
        add("14000020" + SERVER_FINISHED);
        assertEquals("2abbf2b8e381d23dbebe1dd2a7d16a8bf484cb4950d23fb7fb7fa8547062d9a1", derived(KeySchedule.CLIENT_APPLICATION));
        assertEquals("cc21f1bf8feb7dd5fa505bd9c4b468a9984d554a993dc49e6d285598fb672691", derived(KeySchedule.SERVER_APPLICATION));
        assertEquals("3fd93d4ffddc98e64b14dd107aedf8ee4add23f4510f58a4592d0b201bee56b4", derived(KeySchedule.EXPORTER));
        add("05000000");  // EndOfEarlyData
        schedule.finished(memory, CLIENT, memory, HASH, memory, DERIVED);
        assertEquals(CLIENT_FINISHED, at(DERIVED));
        add("14000020" + CLIENT_FINISHED);
        assertEquals("5e95bdf1f89005ea2e9aa0ba85e728e3c19c5fe0c699e3f5bee59faebd0b5406", derived(KeySchedule.RESUMPTION));
        assertEquals(0, RawMemory.nonZero(memory, WORK, (int) KeySchedule.workspaceBytes()), "left in the workspace");
    }
}
