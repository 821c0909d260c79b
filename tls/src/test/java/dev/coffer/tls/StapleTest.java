package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.layout.BigEndian;
import dev.coffer.testkit.Speaker;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A response of OCSP beside a certificate: in the first entry, for who asks, as long as it holds.
class StapleTest {
    private static final byte[] RESPONSE = {0x30, 3, 0x0a, 1, 0};

    @TempDir
    private Path folder;

    private JdkVerifier trusting(ServerIdentity identity) throws Exception {
        String text = Base64.getMimeEncoder().encodeToString(identity.certificate().getEncoded());
        return JdkVerifier.of(Files.writeString(folder.resolve("trusted.pem"), "-----BEGIN CERTIFICATE-----\n" + text + "\n-----END CERTIFICATE-----\n"));
    }

    private static byte[] bytes(MemorySegment message) {
        return message.toArray(ValueLayout.JAVA_BYTE);
    }

    @Test
    void theMessageWithAResponseIsTheOneWithoutAndAnExtensionInItsFirstEntry() throws Exception {
        ServerIdentity identity = Identities.of(KeyAlgorithm.ED25519, "coffer.test");
        byte[] plain = bytes(identity.message());
        identity.staple(RESPONSE, 100);
        byte[] stapled = bytes(identity.stapled(99_999));
        assertArrayEquals(plain, bytes(identity.stapled(100_000)), "it holds no more");
        assertArrayEquals(plain, bytes(identity.message()));
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        expected.writeBytes(Arrays.copyOf(plain, plain.length - 2));
        expected.writeBytes(new byte[] {0, 13, 0, 5, 0, 9, 1, 0, 0, 5});
        expected.writeBytes(RESPONSE);
        byte[] whole = expected.toByteArray();
        MemorySegment lengths = MemorySegment.ofArray(whole);
        BigEndian.u24(lengths, 1, BigEndian.u24(lengths, 1) + 13);
        BigEndian.u24(lengths, 5, BigEndian.u24(lengths, 5) + 13);
        assertArrayEquals(whole, stapled);
        identity.staple(new byte[0], 0);
        assertArrayEquals(plain, bytes(identity.stapled(0)));
        String longer = assertThrows(CertificateException.class, () -> identity.staple(new byte[1 << 16], 100)).getMessage();
        assertTrue(longer.startsWith("a response of 65536 bytes"), longer);
        assertThrows(CertificateException.class, () -> identity.staple(new byte[65_531], 100), "with the chain it is too long");
    }

    /// Of a chain the response is of the first certificate, and stands there alone.
    @Test
    void aChainHasItInItsFirstEntryAlone() throws Exception {
        KeyPair pair = Identities.pair(KeyAlgorithm.ED25519);
        X509Certificate own = Identities.certificate(pair, "coffer.test");
        ServerIdentity identity = ServerIdentity.of(List.of(own, own), pair);
        byte[] plain = bytes(identity.message());
        identity.staple(RESPONSE, 100);
        byte[] stapled = bytes(identity.stapled(0));
        int first = 4 + 1 + 3 + 3 + own.getEncoded().length;  // where the first entry's extensions begin
        assertEquals(plain.length + 13, stapled.length);
        assertEquals(13, BigEndian.u16(MemorySegment.ofArray(stapled), first));
        assertArrayEquals(Arrays.copyOfRange(plain, first + 2, plain.length), Arrays.copyOfRange(stapled, first + 2 + 13, stapled.length));
    }

    /// A client refuses an extension that it did not ask for (RFC 8446, section 4.2): ours asks for no response.
    @Test
    void whoDoesNotAskIsSentNone() throws Exception {
        ServerIdentity identity = Identities.of(KeyAlgorithm.ED25519, "coffer.test");
        identity.staple(RESPONSE, Long.MAX_VALUE / 1000);
        try (Place place = Place.of(TlsServerConfig.defaults().withCounts(2, 1, 1), identity);
                ClientPlace clients = ClientPlace.of(TlsClientConfig.defaults().withCounts(2, 1, 1), trusting(identity))) {
            Speaker speaker = new Speaker(new byte[10]);
            TlsServer<Echo.Event> server = new TlsServer<>(place.context(), 1, (connection, now) -> new Echo(100));
            TlsClient<Speaker.Event> client = new TlsClient<Speaker.Event>(clients.context(), 1, (connection, now) -> speaker).to("coffer.test");
            server.reset(0);
            client.reset(0);
            TlsClientTest.converse(client, server, 3, 0);
            assertEquals(10, speaker.heard.size(), client + ", " + server);
            client.close();
            server.close();
        }
    }

    private static Alert read(Place place, ClientHello hello, byte[] body) {
        TestClient client =
                new TestClient(new TlsServer<Echo.Event>(place.context(), 0, (connection, now) -> new Echo(100)), CipherSuite.CHACHA20_POLY1305_SHA256);
        List<byte[]> extensions = client.extensions();
        extensions.add(TestClient.extension(Wire.STATUS_REQUEST, body));
        byte[] message = client.hello(extensions);
        MemorySegment memory = Arena.ofAuto().allocate(message.length);
        MemorySegment.copy(message, 0, memory, ValueLayout.JAVA_BYTE, 0, message.length);
        return hello.read(memory, 4, message.length - 4);
    }

    @Test
    void aWishForItHasAFormAndOtherTypesArePassedOver() throws Exception {
        try (Place place = Place.of(TlsServerConfig.defaults().withCounts(1, 1, 1), Identities.of(KeyAlgorithm.ED25519, "coffer.test"))) {
            ClientHello hello = place.context().hello();
            assertEquals(null, read(place, hello, new byte[] {1, 0, 0, 0, 0}));
            assertEquals(true, hello.wantsStatus());
            assertEquals(null, read(place, hello, new byte[] {1, 0, 2, 9, 9, 0, 1, 9}));
            assertEquals(true, hello.wantsStatus());
            assertEquals(null, read(place, hello, new byte[] {2, 0}));
            assertEquals(false, hello.wantsStatus());
            for (byte[] bad : new byte[][] {{}, {1}, {1, 0, 0, 0}, {1, 0, 1, 0, 0}, {1, 0, 0, 0, 1}, {1, 0, 0, 0, 0, 0}, {1, (byte) 0xff, (byte) 0xff, 0, 0}}) {
                assertEquals(Alert.DECODE_ERROR, read(place, hello, bad), Arrays.toString(bad));
            }
        }
    }
}
