package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Vectors;
import java.io.IOException;
import java.io.Reader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// The key schedule and the transcript on the trace of RFC 8448, section 3.
class KeyScheduleTest {
    private static final String FILE = "http/rfc/rfc8448-1rtt.json";
    private static final long WORK = 1024;

    private final MemorySegment memory = Arena.ofAuto().allocate(1 << 16);
    private final Transcript transcript = new Transcript(memory, 512);
    private final KeySchedule schedule = new KeySchedule(CipherSuite.AES_128_GCM_SHA256, memory, WORK + 1024);

    static JsonObject trace() throws IOException {
        Assumptions.assumeTrue(Vectors.present(FILE), Vectors.absence(FILE));
        try (Reader in = Vectors.reader(FILE)) {
            return JsonParser.parseReader(in).getAsJsonObject();
        }
    }

    private String at(long at) {
        return HexFormat.of().formatHex(memory.asSlice(at, 32).toArray(ValueLayout.JAVA_BYTE));
    }

    private void add(JsonObject trace, String... names) {
        for (String name : names) {
            byte[] message = HexFormat.of().parseHex(trace.get(name).getAsString());
            transcript.add(MemorySegment.ofArray(message), 0, message.length);
        }
    }

    @Test
    void everySecretOfRfc8448Section3() throws IOException {
        JsonObject trace = trace();
        byte[] shared = HexFormat.of().parseHex(trace.get("shared_secret").getAsString());
        MemorySegment.copy(shared, 0, memory, ValueLayout.JAVA_BYTE, 64, 32);
        schedule.early(memory, 0);
        assertEquals(trace.get("early_secret").getAsString(), at(0));
        schedule.handshake(memory, 0, memory, 64, 32);
        assertEquals(trace.get("handshake_secret").getAsString(), at(0));
        transcript.begin(schedule.hash());
        add(trace, "client_hello", "server_hello");
        transcript.digest(memory, 128);
        assertEquals(trace.get("transcript_ch_sh").getAsString(), at(128));
        schedule.derive(memory, 0, KeySchedule.CLIENT_HANDSHAKE, memory, 128, memory, 192);
        schedule.derive(memory, 0, KeySchedule.SERVER_HANDSHAKE, memory, 128, memory, 256);
        assertEquals(trace.get("client_hs_traffic").getAsString(), at(192));
        assertEquals(trace.get("server_hs_traffic").getAsString(), at(256));
        add(trace, "encrypted_extensions", "certificate", "certificate_verify");
        transcript.digest(memory, 128);
        schedule.finished(memory, 256, memory, 128, memory, 320);
        assertEquals(trace.get("server_finished").getAsString(), "14000020" + at(320));
        add(trace, "server_finished");
        transcript.digest(memory, 128);
        assertEquals(trace.get("transcript_to_server_finished").getAsString(), at(128));
        schedule.finished(memory, 192, memory, 128, memory, 320);
        assertEquals(trace.get("client_finished").getAsString(), "14000020" + at(320));
        schedule.master(memory, 0);
        assertEquals(trace.get("master_secret").getAsString(), at(0));
        String[] names = {"client_ap_traffic", "server_ap_traffic", "exporter_master"};
        MemorySegment[] labels = {KeySchedule.CLIENT_APPLICATION, KeySchedule.SERVER_APPLICATION, KeySchedule.EXPORTER};
        for (int i = 0; i < names.length; i++) {
            schedule.derive(memory, 0, labels[i], memory, 128, memory, 384);
            assertEquals(trace.get(names[i]).getAsString(), at(384), names[i]);
        }
        add(trace, "client_finished");
        transcript.digest(memory, 128);
        schedule.derive(memory, 0, KeySchedule.RESUMPTION, memory, 128, memory, 384);
        assertEquals(trace.get("resumption_master").getAsString(), at(384));
        assertEquals(0, RawMemory.nonZero(memory, WORK + 1024, (int) KeySchedule.workspaceBytes()), "left in the workspace");
    }
}
