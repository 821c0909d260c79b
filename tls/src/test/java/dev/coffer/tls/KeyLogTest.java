package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.engine.Engine;
import dev.coffer.testkit.RawMemory;
import dev.coffer.testkit.Speaker;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Secrets that somebody asked to hear: both sides tell the same ones, and what was captured opens by them, with the JDK's own code.
class KeyLogTest {
    private static final long NOW = 5_000_000_000L;
    private static final CipherSuite SUITE = CipherSuite.AES_128_GCM_SHA256;
    private static final String TEXT = "said under a secret that was told";

    @TempDir
    private Path folder;

    private JdkVerifier trusting(ServerIdentity identity) throws Exception {
        return JdkVerifier.of(Files.writeString(folder.resolve("trusted.pem"), "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder().encodeToString(identity.certificate().getEncoded()) + "\n-----END CERTIFICATE-----\n"));
    }

    /// What was heard, as the file has it.
    static final class Heard implements KeyLog {
        final Map<String, String> lines = new LinkedHashMap<>();

        @Override
        public void secret(Label label, MemorySegment memory, long randomAt, long secretAt, int secretBytes) {
            lines.put(label + " " + hex(memory, randomAt, 32), hex(memory, secretAt, secretBytes));
        }

        private static String hex(MemorySegment memory, long at, int length) {
            return HexFormat.of().formatHex(memory.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE));
        }

        byte[] of(KeyLog.Label label) {
            return lines.entrySet().stream().filter(line -> line.getKey().startsWith(label + " ")).map(line -> HexFormat.of().parseHex(line.getValue()))
                    .findFirst().orElseThrow();
        }
    }

    private static boolean carry(Engine<?> from, Engine<?> to, ByteArrayOutputStream wire) {
        MemorySegment memory = Arena.ofAuto().allocate(1 << 16);
        boolean moved = false;
        for (long bytes; (bytes = from.pollOutput(memory, 0, 20_000, NOW)) > 0; moved = true) {
            wire.writeBytes(memory.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE));
            for (long taken = 0; taken < bytes;) {
                taken += to.feed(memory, taken, bytes - taken, NOW);
                while (to.pollEvent() != null) {
                    moved = true;
                }
            }
        }
        while (from.pollEvent() != null) {
            moved = true;
        }
        return moved;
    }

    private static byte[] expand(byte[] secret, String label, int bytes) throws Exception {
        ByteArrayOutputStream info = new ByteArrayOutputStream();
        byte[] name = ("tls13 " + label).getBytes(StandardCharsets.US_ASCII);
        info.writeBytes(new byte[] {0, (byte) bytes, (byte) name.length});
        info.writeBytes(name);
        info.writeBytes(new byte[] {0, 1});
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret, "HmacSHA256"));
        return Arrays.copyOf(mac.doFinal(info.toByteArray()), bytes);
    }

    /// {@return the content of a record with its type behind, or null where another key sealed it}
    static byte[] open(byte[] secret, long number, byte[] record) throws Exception {
        byte[] nonce = expand(secret, "iv", 12);
        for (int i = 0; i < 8; i++) {
            nonce[11 - i] ^= (byte) (number >> 8 * i);
        }
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(expand(secret, "key", 16), "AES"), new GCMParameterSpec(128, nonce));
        cipher.updateAAD(record, 0, 5);
        try {
            return cipher.doFinal(record, 5, record.length - 5);
        } catch (javax.crypto.AEADBadTagException e) {
            return null;
        }
    }

    static List<byte[]> records(byte[] wire) {
        List<byte[]> records = new ArrayList<>();
        for (int at = 0; at < wire.length;) {
            int length = 5 + ((wire[at + 3] & 0xff) << 8 | wire[at + 4] & 0xff);
            records.add(Arrays.copyOfRange(wire, at, at + length));
            at += length;
        }
        return records;
    }

    /// {@return what one side said that the two secrets open, the first as long as it does; types and octets}
    private static String read(byte[] wire, byte[] handshake, byte[] application) throws Exception {
        StringBuilder read = new StringBuilder();
        long number = 0;
        boolean later = false;
        for (byte[] record : records(wire)) {
            if (record[0] != 23) {
                continue;
            }
            byte[] content = later ? null : open(handshake, number, record);
            if (content == null) {
                number = later ? number : 0;
                later = true;
                content = open(application, number, record);
            }
            assertTrue(content != null, "a record that neither secret opens, after " + read);
            number++;
            read.append(content[content.length - 1]).append(':').append(new String(content, 0, content.length - 1, StandardCharsets.ISO_8859_1)).append('|');
        }
        return read.toString();
    }

    @Test
    void whatWasCapturedOpensByWhatBothSidesTell() throws Exception {
        ServerIdentity identity = Identities.of(KeyAlgorithm.P256, "coffer.test");
        Heard ofServer = new Heard();
        Heard ofClient = new Heard();
        try (Place place = Place.of(TlsServerConfig.defaults().withCounts(2, 1, 1).withSuites(SUITE), identity);
                ClientPlace clients = ClientPlace.of(TlsClientConfig.defaults().withCounts(2, 1, 1).withSuites(SUITE), trusting(identity))) {
            place.context().keyLog(ofServer);
            clients.context().keyLog(ofClient);
            Speaker speaker = new Speaker(TEXT.getBytes(StandardCharsets.US_ASCII));
            TlsServer<Echo.Event> server = new TlsServer<>(place.context(), 1, (connection, now) -> new Echo(100));
            TlsClient<Speaker.Event> client = new TlsClient<Speaker.Event>(clients.context(), 1, (connection, now) -> speaker).to("coffer.test");
            server.reset(NOW);
            client.reset(NOW);
            ByteArrayOutputStream up = new ByteArrayOutputStream();
            ByteArrayOutputStream down = new ByteArrayOutputStream();
            while (carry(client, server, up) | carry(server, client, down)) {
                // until both are silent
            }
            assertEquals(TEXT, speaker.heard.toString(StandardCharsets.US_ASCII));
            assertEquals(4, ofServer.lines.size());
            assertEquals(ofServer.lines, ofClient.lines);
            byte[] hello = records(up.toByteArray()).getFirst();
            assertTrue(ofServer.lines.keySet().iterator().next().endsWith(HexFormat.of().formatHex(hello, 11, 43)), "by the client's random");
            String said =
                    read(down.toByteArray(), ofServer.of(KeyLog.Label.SERVER_HANDSHAKE_TRAFFIC_SECRET), ofServer.of(KeyLog.Label.SERVER_TRAFFIC_SECRET_0));
            assertTrue(said.startsWith("22:" + (char) 8) && said.contains("23:" + TEXT), said);
            String asked = read(up.toByteArray(), ofServer.of(KeyLog.Label.CLIENT_HANDSHAKE_TRAFFIC_SECRET), ofServer.of(KeyLog.Label.CLIENT_TRAFFIC_SECRET_0));
            assertTrue(asked.startsWith("22:" + (char) 20) && asked.contains("23:" + TEXT), asked);
            client.close();
            server.close();
            assertEquals(0, RawMemory.nonZero(place.memory()), "left by the server");
            assertEquals(0, RawMemory.nonZero(clients.memory()), "left by the client");
        }
    }

    /// Who watches is no part of what is watched.
    @Test
    void whoThrowsHearsNoMoreAndNobodyElseNoticesIt() throws Exception {
        ServerIdentity identity = Identities.of(KeyAlgorithm.ED25519, "coffer.test");
        int[] asked = new int[1];
        try (Place place = Place.of(TlsServerConfig.defaults().withCounts(2, 1, 1), identity);
                ClientPlace clients = ClientPlace.of(TlsClientConfig.defaults().withCounts(2, 1, 1), trusting(identity))) {
            place.context().keyLog((label, memory, randomAt, secretAt, bytes) -> {
                asked[0]++;
                throw new StackOverflowError("planted");
            });
            Speaker speaker = new Speaker(new byte[10]);
            TlsServer<Echo.Event> server = new TlsServer<>(place.context(), 1, (connection, now) -> new Echo(100));
            TlsClient<Speaker.Event> client = new TlsClient<Speaker.Event>(clients.context(), 1, (connection, now) -> speaker).to("coffer.test");
            server.reset(NOW);
            client.reset(NOW);
            TlsClientTest.converse(client, server, 3);
            assertEquals(10, speaker.heard.size());
            assertEquals(1, asked[0]);
            client.close();
            server.close();
        }
    }
}
