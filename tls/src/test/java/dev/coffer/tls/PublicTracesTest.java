package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.exchange.Curve;
import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.p256.P256;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.crypto.packet.PacketProtection;
import dev.coffer.crypto.packet.PacketProtocol;
import dev.coffer.crypto.x25519.X25519;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The conversations of RFC 8448, sections 4 to 7, record by record: key exchange, retry, transcript, schedule and protection make every octet of both sides from the private
/// keys and the hellos; flights open under them, hold signatures and Finished of this transcript, and are the same octets when they are sealed again.
class PublicTracesTest {
    private static final int HEADER = Wire.RECORD_HEADER_BYTES;
    private static final byte[] CLOSE_NOTIFY = {1, 0};
    private static final Properties TRACES = new Properties();

    // Places.
    private static final long SECRET = 0;
    private static final long HASH = 64;
    private static final long CLIENT = 128;
    private static final long SERVER = 192;
    private static final long SHARED = 256;
    private static final long KEY = 320;
    private static final long OUT = 384;
    private static final long TRANSCRIPT = 512;
    private static final long WORK = 4096;
    private static final long PROTECTION = 1 << 14;
    private static final long RECORD = 3 << 14;

    private final MemorySegment memory = Arena.ofAuto().allocate(1 << 17);
    private final Transcript transcript = new Transcript(memory, TRANSCRIPT);
    private final KeySchedule schedule = new KeySchedule(CipherSuite.AES_128_GCM_SHA256, memory, WORK);
    private String section;
    private PublicKey shown;

    @BeforeEach
    void read() throws IOException {
        try (InputStream in = PublicTracesTest.class.getResourceAsStream("/vectors/rfc8448/traces.properties")) {
            TRACES.load(in);
        }
    }

    private byte[] of(String name) {
        String[] parts = TRACES.getProperty(section + "." + name).split(" zeros ");
        return TestClient.concat(TestClient.hex(parts[0]), new byte[parts.length > 1 ? Integer.parseInt(parts[1]) : 0]);
    }

    private static byte[] content(byte[] record) {
        return Arrays.copyOfRange(record, HEADER, record.length);
    }

    private void put(long at, byte[] bytes) {
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, at, bytes.length);
    }

    private byte[] at(long at, int length) {
        return memory.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
    }

    private void add(byte[] message) {
        transcript.add(MemorySegment.ofArray(message), 0, message.length);
        transcript.digest(memory, HASH);
    }

    /// What both sides agree on, each by its own key and the other's share, which stand in their hellos.
    private void agree(Curve curve, byte[] clientHello, byte[] serverHello) {
        byte[] client = share(curve, "client_private", clientHello);
        byte[] server = share(curve, "server_private", serverHello);
        byte[] ofClient = shared(curve, "client_private", server);
        assertArrayEquals(ofClient, shared(curve, "server_private", client));
    }

    private byte[] share(Curve curve, String key, byte[] hello) {
        put(KEY, of(key));
        byte[] share = new byte[curve.publicBytes()];
        assertTrue(curve.publicKey(memory, KEY, MemorySegment.ofArray(share), 0, memory, WORK));
        assertTrue(HexFormat.of().formatHex(hello).contains(HexFormat.of().formatHex(share)), key);
        return share;
    }

    private byte[] shared(Curve curve, String key, byte[] share) {
        put(KEY, of(key));
        assertEquals(Agreement.AGREED, curve.agree(memory, KEY, MemorySegment.ofArray(share), 0, memory, SHARED, memory, WORK));
        return at(SHARED, 32);
    }

    private PacketProtection protection(long secret) {
        PacketProtection protection = new PacketProtection(PacketProtocol.TLS_1_3, CipherSuite.AES_128_GCM_SHA256, memory, PROTECTION + 4096);
        protection.at(memory, PROTECTION).load(memory, secret);
        return protection;
    }

    /// What a protected record holds, without its type; sealed again it is the same record.
    private byte[] opened(String name, int type, long secret) {
        byte[] record = of(name);
        put(RECORD, record);
        assertTrue(protection(secret).open(0, memory, RECORD, HEADER, record.length - HEADER), section + " " + name);
        int length = record.length - HEADER - 16 - 1;
        byte[] text = at(RECORD + HEADER, length + 1);
        assertEquals(type, text[length]);
        byte[] content = Arrays.copyOf(text, length);
        PacketProtection again = protection(secret);
        sealed(name, again, type, content);
        return content;
    }

    private void sealed(String name, PacketProtection protection, int type, byte[] content) {
        put(RECORD, TestClient.concat(TestClient.hex("170303"), TestClient.u16(content.length + 17), content, new byte[] {(byte) type}));
        protection.seal(protection.nextNumber(), memory, RECORD, HEADER, content.length + 1);
        assertEquals(HexFormat.of().formatHex(of(name)), HexFormat.of().formatHex(at(RECORD, HEADER + content.length + 17)), section + " " + name);
    }

    /// A side's flight, message by message.
    ///
    /// @return their types
    private List<Integer> flight(String name, long secret, MemorySegment covered) throws GeneralSecurityException {
        ByteBuffer flight = ByteBuffer.wrap(opened(name, Wire.HANDSHAKE, secret));
        List<Integer> types = new ArrayList<>();
        while (flight.hasRemaining()) {
            int length = flight.getInt(flight.position()) & 0xff_ffff;
            byte[] message = new byte[4 + length];
            flight.get(message);
            types.add((int) message[0]);
            switch (message[0]) {
                case Wire.CERTIFICATE -> {
                    int certificate = ByteBuffer.wrap(message).getInt(7) & 0xff_ffff;
                    assertEquals(0, message[4], "no context");
                    shown = CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(message, 11, certificate)).getPublicKey();
                }
                case Wire.CERTIFICATE_VERIFY -> assertTrue(verified(message, covered), section + " " + name);
                case Wire.FINISHED -> {
                    schedule.finished(memory, secret, memory, HASH, memory, OUT);
                    assertArrayEquals(at(OUT, 32), Arrays.copyOfRange(message, 4, message.length), section + " " + name);
                }
                default -> {}
            }
            add(message);
        }
        return types;
    }

    private boolean verified(byte[] message, MemorySegment covered) throws GeneralSecurityException {
        boolean rsa = message[4] == 8;
        assertEquals(rsa ? 0x0804 : 0x0403, ByteBuffer.wrap(message).getShort(4));
        Signature signature = Signature.getInstance(rsa ? "RSASSA-PSS" : "SHA256withECDSA");
        if (rsa) {
            signature.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
        }
        signature.initVerify(shown);
        signature.update(covered.toArray(ValueLayout.JAVA_BYTE));
        signature.update(at(HASH, 32));
        return signature.verify(message, 8, message.length - 8);
    }

    /// Up to the secrets of the handshake.
    private void hellos(Curve curve) {
        byte[] clientHello = content(of("client_hello"));
        byte[] serverHello = content(of("server_hello"));
        agree(curve, clientHello, serverHello);
        schedule.handshake(memory, SECRET, memory, SHARED, 32);
        add(clientHello);
        add(serverHello);
        schedule.derive(memory, SECRET, KeySchedule.CLIENT_HANDSHAKE, memory, HASH, memory, CLIENT);
        schedule.derive(memory, SECRET, KeySchedule.SERVER_HANDSHAKE, memory, HASH, memory, SERVER);
    }

    /// From the server's flight to the end.
    private void rest(List<Integer> ofServer, List<Integer> ofClient, boolean early, boolean data) throws GeneralSecurityException {
        assertEquals(ofServer, flight("server_flight", SERVER, PeerProof.SERVER));
        byte[] toServerFinished = at(HASH, 32);
        if (early) {
            add(new byte[] {Wire.END_OF_EARLY_DATA, 0, 0, 0});
        }
        assertEquals(ofClient, flight("client_finished", CLIENT, PeerProof.CLIENT));
        schedule.master(memory, SECRET);
        put(HASH, toServerFinished);
        for (boolean client : new boolean[] {true, false}) {
            String side = client ? "client_" : "server_";
            schedule.derive(memory, SECRET, client ? KeySchedule.CLIENT_APPLICATION : KeySchedule.SERVER_APPLICATION, memory, HASH, memory, CLIENT);
            PacketProtection write = protection(CLIENT);
            if (data) {
                byte[] fifty = new byte[50];
                for (int i = 0; i < fifty.length; i++) {
                    fifty[i] = (byte) i;
                }
                sealed(side + "data", write, Wire.APPLICATION_DATA, fifty);
            }
            sealed(side + "close", write, Wire.ALERT, CLOSE_NOTIFY);
        }
    }

    @Test
    void resumed0RttHandshake() throws Exception {
        section = "4";
        put(KEY, TestClient.hex(ResumedTraceTest.PSK_OF_TICKET));
        schedule.early(memory, KEY, memory, SECRET);
        transcript.begin(schedule.hash());
        hellos(X25519.CURVE);
        rest(List.of(Wire.ENCRYPTED_EXTENSIONS, Wire.FINISHED), List.of(Wire.FINISHED), true, true);
    }

    @Test
    void helloRetryRequest() throws Exception {
        section = "5";
        schedule.early(memory, SECRET);
        transcript.begin(schedule.hash());
        add(content(of("first_hello")));
        transcript.retry();
        add(content(of("retry")));
        hellos(P256.CURVE);
        rest(List.of(Wire.ENCRYPTED_EXTENSIONS, Wire.CERTIFICATE, Wire.CERTIFICATE_VERIFY, Wire.FINISHED), List.of(Wire.FINISHED), false, false);
    }

    @Test
    void clientAuthentication() throws Exception {
        section = "6";
        schedule.early(memory, SECRET);
        transcript.begin(schedule.hash());
        hellos(X25519.CURVE);
        rest(List.of(Wire.ENCRYPTED_EXTENSIONS, Wire.CERTIFICATE_REQUEST, Wire.CERTIFICATE, Wire.CERTIFICATE_VERIFY, Wire.FINISHED),
                List.of(Wire.CERTIFICATE, Wire.CERTIFICATE_VERIFY, Wire.FINISHED), false, false);
    }

    @Test
    void compatibilityMode() throws Exception {
        section = "7";
        schedule.early(memory, SECRET);
        transcript.begin(schedule.hash());
        hellos(X25519.CURVE);
        rest(List.of(Wire.ENCRYPTED_EXTENSIONS, Wire.CERTIFICATE, Wire.CERTIFICATE_VERIFY, Wire.FINISHED), List.of(Wire.FINISHED), false, false);
        assertArrayEquals(of("server_change"), of("client_change"));
    }

    /// Our server before the hellos of the traces, with what their server drew: it answers the same, but for the order of extensions and the cookie of the retry.
    @Test
    void ourServerAnswersAsTheirs() throws Exception {
        ServerIdentity identity = Identities.of(KeyAlgorithm.P256, "server");
        for (String each : new String[] {"5", "6", "7"}) {
            section = each;
            boolean retry = each.equals("5");
            byte[] theirs = of(retry ? "retry" : "server_hello");
            ByteBuffer drawn = ByteBuffer.allocate(1 << 10).put(theirs, HEADER + 4 + 2, 32).put(of("server_private")).rewind();
            TlsServerConfig config =
                    HostileClient.CONFIG.withGroups(retry ? NamedGroup.SECP256R1 : NamedGroup.X25519).withSuites(CipherSuite.AES_128_GCM_SHA256);
            try (Place place = Place.of(config, (segment, at, length) -> {
                byte[] next = new byte[(int) length];
                drawn.get(next);
                MemorySegment.copy(next, 0, segment, ValueLayout.JAVA_BYTE, at, next.length);
            }, identity)) {
                TlsServer<Echo.Event> server = new TlsServer<>(place.context(), 0, (connection, now) -> new Echo(1000));
                server.reset(TestClient.NOW);
                byte[] hello = of(retry ? "first_hello" : "client_hello");
                put(RECORD, hello);
                assertEquals(hello.length, server.feed(memory, RECORD, hello.length, TestClient.NOW));
                int wrote = 0;
                for (long more; (more = server.pollOutput(memory, RECORD + wrote, (1 << 14) - wrote, TestClient.NOW)) > 0;) {
                    wrote += (int) more;
                }
                byte[] answer = at(RECORD, wrote);
                assertEquals(parts(theirs, Wire.COOKIE), parts(answer, Wire.COOKIE), each);
                int length = HEADER + ByteBuffer.wrap(answer).getShort(3);
                byte[] change = TestClient.hex(TRACES.getProperty("7.server_change"));
                assertEquals(each.equals("7"), Arrays.equals(change, Arrays.copyOfRange(answer, length, length + change.length)), each);
                server.close();
            }
        }
    }

    /// A hello's fields before its extensions, without lengths, and these in the order of their octets.
    private static List<String> parts(byte[] hello, int without) {
        ByteBuffer in = ByteBuffer.wrap(hello);
        List<String> parts = new ArrayList<>();
        int extensions = HEADER + 4 + 2 + 32 + 1 + hello[HEADER + 4 + 2 + 32] + 2 + 1;
        parts.add(HexFormat.of().formatHex(hello, HEADER + 4, extensions));
        int end = extensions + 2 + in.getShort(extensions);
        assertEquals(HEADER + in.getShort(3), end, "its record");
        for (int at = extensions + 2; at < end;) {
            int next = at + 4 + in.getShort(at + 2);
            if (in.getShort(at) != without) {
                parts.add(HexFormat.of().formatHex(hello, at, next));
            }
            at = next;
        }
        assertEquals(in.getInt(HEADER) & 0xff_ffff, end - HEADER - 4, "its length");
        parts.sort(null);
        return parts;
    }
}
