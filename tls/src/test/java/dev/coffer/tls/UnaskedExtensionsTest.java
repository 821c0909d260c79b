package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.coffer.crypto.packet.CipherSuite;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Extensions of a server's that nobody asked for, or that come twice (RFC 8446, sections 4.2 and 4.4.2), under the right keys.
class UnaskedExtensionsTest {
    private Subject subject;

    @BeforeEach
    void open() throws Exception {
        subject = new Subject(CipherSuite.CHACHA20_POLY1305_SHA256, new MutationTest.Trusting(), false);
    }

    @AfterEach
    void close() {
        subject.checkNothingLeft();
        subject.close();
    }

    private static int bytes(byte[] message) {
        return 4 + ((message[1] & 0xff) << 16 | (message[2] & 0xff) << 8 | message[3] & 0xff);
    }

    /// {@return what a client says to a server's flight with other extensions of its own and of its certificate}
    private Alert said(String extensions, String ofCertificate) {
        List<Script.Line> lines = new ArrayList<>(subject.toClient.lines);
        int at = 0;
        while (lines.get(at).level() != Script.Level.HANDSHAKE) {
            at++;
        }
        byte[] flight = lines.get(at).content();
        byte[] rest = Arrays.copyOfRange(flight, bytes(flight), flight.length);
        assertEquals(Wire.CERTIFICATE, rest[0]);
        byte[] own = TestClient.message(Wire.ENCRYPTED_EXTENSIONS, TestClient.list16(TestClient.hex(extensions)));
        byte[] entry = Arrays.copyOfRange(rest, 4 + 4, bytes(rest) - 2);
        byte[] entries = TestClient.concat(entry, TestClient.list16(TestClient.hex(ofCertificate)));
        byte[] certificate = TestClient.message(Wire.CERTIFICATE, TestClient.concat(new byte[] {0, (byte) (entries.length >> 16)},
                TestClient.u16(entries.length & 0xffff), entries));
        lines.set(at, lines.get(at).with(TestClient.concat(own, certificate, Arrays.copyOfRange(rest, bytes(rest), rest.length))));
        TlsClient<Echo.Event> client = subject.client(new Subject.Ear());
        subject.said(client);
        byte[] all = TestClient.concat(subject.toClient.seal(lines.subList(0, at + 1)).toArray(byte[][]::new));
        subject.feed(client, all, 0, all.length);
        subject.said(client);
        Alert alert = client.alertSent();
        client.close();
        return alert;
    }

    /// {@return what a client says to a server that asks for its certificate, with such extensions}
    private Alert asked(String extensions) {
        List<Script.Line> lines = new ArrayList<>(subject.toClient.lines);
        int at = 0;
        while (lines.get(at).level() != Script.Level.HANDSHAKE) {
            at++;
        }
        byte[] flight = lines.get(at).content();
        byte[] request = TestClient.message(Wire.CERTIFICATE_REQUEST, TestClient.concat(new byte[1], TestClient.list16(TestClient.hex(extensions))));
        lines.set(at, lines.get(at).with(TestClient.concat(Arrays.copyOf(flight, bytes(flight)), request,
                Arrays.copyOfRange(flight, bytes(flight), flight.length))));
        return alert(lines.subList(0, at + 1));
    }

    private Alert alert(List<Script.Line> lines) {
        TlsClient<Echo.Event> client = subject.client(new Subject.Ear());
        subject.said(client);
        for (byte[] record : subject.toClient.seal(lines)) {
            subject.feed(client, record, 0, record.length);
            subject.said(client);
        }
        Alert alert = client.alertSent();
        client.close();
        clientSessions = subject.clientPlace.context().sessions();
        subject.clientPlace.context().resumption().store().wipe();
        return alert;
    }

    private int clientSessions;

    /// {@return what a client says to a ticket with such extensions}
    private Alert ticket(String extensions) {
        List<Script.Line> lines = new ArrayList<>(subject.toClient.lines);
        while (lines.getLast().level() == Script.Level.APPLICATION) {
            lines.removeLast();
        }
        byte[] body = TestClient.concat(TestClient.hex("00001000 00000007 01 00 0004 01020304"), TestClient.list16(TestClient.hex(extensions)));
        lines.add(new Script.Line(Script.Level.APPLICATION, Wire.HANDSHAKE, TestClient.message(Wire.NEW_SESSION_TICKET, body), 0));
        return alert(lines);
    }

    @Test
    void noneComesTwiceInARequestForACertificateNorWhereItHasNoPlace() {
        String schemes = "000d 0004 0002 0403";
        assertEquals(Alert.DECRYPT_ERROR, asked(schemes), "the server's signature does not cover it");
        assertEquals(Alert.DECRYPT_ERROR, asked("fe00 0001 00" + schemes + "fe01 0000"), "what nobody knows is passed over");
        assertEquals(Alert.ILLEGAL_PARAMETER, asked("fe00 0001 00" + schemes + "fe00 0000"));
        assertEquals(Alert.ILLEGAL_PARAMETER, asked(schemes + schemes));
        assertEquals(Alert.ILLEGAL_PARAMETER, asked(schemes + "0033 0000"), "a share is a hello's");
        assertEquals(Alert.MISSING_EXTENSION, asked("fe00 0000"));
    }

    @Test
    void noneComesTwiceInATicketNorWhereItHasNoPlace() {
        assertEquals(null, ticket("fe00 0001 00 fe01 0000"));
        assertEquals(1, clientSessions);
        assertEquals(Alert.ILLEGAL_PARAMETER, ticket("fe00 0001 00 fe01 0000 fe00 0000"));
        assertEquals(0, clientSessions, "nothing of it is kept");
        assertEquals(Alert.ILLEGAL_PARAMETER, ticket("0010 0005 0003 02 6832"), "a protocol is for EncryptedExtensions");
        assertEquals(Alert.DECODE_ERROR, ticket("fe00 0002 00"));
    }

    @Test
    void whatItMaySayGoesAsFarAsItsFinishedWhichDoesNotCoverIt() {
        assertEquals(Alert.DECRYPT_ERROR, said("0000 0000", ""));
        assertEquals(Alert.DECRYPT_ERROR, said("0000 0000 000a 0004 0002 001d", ""));
    }

    @Test
    void noneComesTwice() {
        assertEquals(Alert.ILLEGAL_PARAMETER, said("0000 0000 0000 0000", ""));
        assertEquals(Alert.ILLEGAL_PARAMETER, said("0000 0000 000a 0004 0002 001d 0000 0000", ""));
        assertEquals(Alert.ILLEGAL_PARAMETER, said("000a 0004 0002 001d 000a 0004 0002 001d", ""));
    }

    /// RFC 8449, section 4.
    @Test
    void aLimitOfRecordsIsOneAndComesOnce() {
        for (String right : new String[] {"001c 0002 0040", "001c 0002 4000"}) {
            assertEquals(Alert.DECRYPT_ERROR, said(right, ""), right + " goes as far as Finished");
        }
        assertEquals(null, said("001c 0002 4001", ""), "which is what it said");
        for (String wrong : new String[] {"001c 0002 003f", "001c 0002 0000", "001c 0002 4002", "001c 0002 0040 001c 0002 0040"}) {
            assertEquals(Alert.ILLEGAL_PARAMETER, said(wrong, ""), wrong);
        }
        assertEquals(Alert.DECODE_ERROR, said("001c 0001 40", ""));
        assertEquals(Alert.DECODE_ERROR, said("001c 0003 004000", ""));
        assertEquals(Alert.ILLEGAL_PARAMETER, ticket("001c 0002 0040"), "it is for EncryptedExtensions");
        assertEquals(Alert.ILLEGAL_PARAMETER, asked("000d 0004 0002 0403 001c 0002 0040"));
    }

    /// RFC 9001, section 8.2.
    @Test
    void transportParametersAreForQuicAlone() {
        assertEquals(Alert.UNSUPPORTED_EXTENSION, said("0039 0001 00", ""));
        assertEquals(Alert.ILLEGAL_PARAMETER, ticket("0039 0001 00"));
    }

    @Test
    void nobodyTakesEarlyDataThatWasNotAnnounced() {
        assertEquals(Alert.UNSUPPORTED_EXTENSION, said("002a 0000", ""));
        assertEquals(null, ticket("002a 0004 00004000"));
        assertEquals(1, clientSessions);
        assertEquals(Alert.DECODE_ERROR, ticket("002a 0000"));
        assertEquals(Alert.DECODE_ERROR, ticket("002a 0003 004000"));
        assertEquals(0, clientSessions, "nothing of it is kept");
    }

    @Test
    void aCertificateHasNoneThatNobodyAskedFor() {
        assertEquals(Alert.UNSUPPORTED_EXTENSION, said("", "0005 0001 01"));
        assertEquals(Alert.UNSUPPORTED_EXTENSION, said("", "0012 0000"));
        assertEquals(Alert.UNSUPPORTED_EXTENSION, said("", "fe00 0000"));
    }

    @Test
    void whatIsNoListOfExtensionsIsNoCertificate() {
        for (String broken : new String[] {"00", "000500", "0005 0001", "0005 0001 01 00", "0012 0000 fe00 0001"}) {
            assertEquals(Alert.DECODE_ERROR, said("", broken), broken);
        }
    }
}
