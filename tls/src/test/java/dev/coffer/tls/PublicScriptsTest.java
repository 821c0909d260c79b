package dev.coffer.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// What the public scripts of tlsfuzzer ask of a server of TLS 1.3, as far as no other test of ours asks it: a method for each script, by its name. Which test stands
/// for which script, and what is refused here on purpose, is in `tls/interop/README.md`.
class PublicScriptsTest extends HostileClient {
    private static final byte[] GET = "GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    @Override
    TlsServerConfig config() {
        return CONFIG.withLongHelloBytesMax(TlsServerConfig.HELLO_BYTES_MAX);
    }

    /// Says a hello and hears the server's flight.
    private static void half(TestClient c, byte[] hello) {
        c.remember(hello);
        c.sayHello(hello);
        c.listen();
    }

    private static void half(TestClient c) {
        half(c, c.hello(c.extensions()));
    }

    /// A hello is answered, and what the client says is heard.
    private void answered(String why, UnaryHello of) {
        begin();
        half(client, of.of(client));
        assertNull(client.alert(), why);
        client.finish();
        client.say(Wire.APPLICATION_DATA, GET);
        client.listen();
        assertArrayEquals(GET, client.content.toByteArray(), why);
        end();
    }

    private interface UnaryHello {
        byte[] of(TestClient c);
    }

    /// The same alert in the middle of a handshake, under its keys, and behind it.
    private void inBoth(Alert alert, Consumer<TestClient> wrong) {
        expect(alert, c -> {
            half(c);
            wrong.accept(c);
        });
        after(alert, wrong);
    }

    @Test
    void emptyAlert() {
        for (int padding : new int[] {0, 2, 5, 30}) {
            inBoth(Alert.UNEXPECTED_MESSAGE, c -> c.raw(c.record(Wire.ALERT, new byte[0], padding)));
        }
        expect(Alert.UNEXPECTED_MESSAGE, c -> c.say(Wire.ALERT, new byte[0]));
    }

    @Test
    void zeroContentType() {
        for (int padding : new int[] {0, 42}) {
            inBoth(Alert.UNEXPECTED_MESSAGE, c -> c.raw(c.record(0, new byte[0], padding)));
        }
        inBoth(Alert.UNEXPECTED_MESSAGE, c -> c.raw(c.record(0, new byte[42], 0)));
    }

    @Test
    void zeroLengthData() {
        for (int padding : new int[] {0, 30, 1 << 14}) {
            begin();
            client.handshake();
            for (String part : new String[] {"GET /", " HTTP/1.", "0\r\n\r\n"}) {
                client.raw(client.record(Wire.APPLICATION_DATA, new byte[0], padding));
                client.say(Wire.APPLICATION_DATA, part.getBytes(StandardCharsets.US_ASCII));
            }
            client.listen();
            assertArrayEquals(GET, client.content.toByteArray());
            end();
            expect(Alert.UNEXPECTED_MESSAGE, c -> {
                half(c);
                c.raw(c.record(Wire.APPLICATION_DATA, new byte[0], padding));
            });
        }
        expect(Alert.UNEXPECTED_MESSAGE, c -> {
            c.say(Wire.HANDSHAKE, Arrays.copyOf(c.hello(c.extensions()), 2));
            c.say(Wire.APPLICATION_DATA, new byte[0]);
        });
    }

    @Test
    void legacyVersion() {
        for (int version : new int[] {0x0300, 0x0000, 0x0200, 0x0002, 0x0100, 0x0103, 0x0102, 0x0001}) {
            expect(Alert.PROTOCOL_VERSION, c -> {
                byte[] hello = c.hello(with(c.extensions(), Wire.SUPPORTED_VERSIONS, TestClient.concat(TestClient.hex("04 0304"), TestClient.u16(version))));
                hello[4] = (byte) (version >> 8);
                hello[5] = (byte) version;
                c.say(Wire.HANDSHAKE, hello);
            });
        }
        for (int version : new int[] {0x0301, 0x0304, 0x0309}) {
            answered("version " + version, c -> {
                byte[] hello = c.hello(c.extensions());
                hello[5] = (byte) version;
                return hello;
            });
        }
    }

    @Test
    void versionNegotiation() {
        for (int version = 0; version < 4; version++) {
            byte[] hello = client.hello(client.extensions());
            client.remember(hello);
            byte[] record = client.record(Wire.HANDSHAKE, hello);
            record[2] = (byte) version;
            client.raw(record);
            client.listen();
            client.finish();
            assertTrue(server.isOpen(), "in a record of version 3." + version);
            end();
            begin();
        }
        expect(Alert.PROTOCOL_VERSION, c -> c.say(Wire.HANDSHAKE, c.hello(with(c.extensions(), Wire.SUPPORTED_VERSIONS, TestClient.hex("02 0309")))));
        expect(Alert.PROTOCOL_VERSION, c -> c.say(Wire.HANDSHAKE, c.hello(with(c.extensions(), Wire.SUPPORTED_VERSIONS, TestClient.hex("04 0309 0303")))));
        answered("a later version beside it", c -> c.hello(with(c.extensions(), Wire.SUPPORTED_VERSIONS, TestClient.hex("06 0309 0304 0303"))));
    }

    @Test
    void finished() {
        int bytes = 32;  // of SHA-256
        for (int length : new int[] {0, 1, 12, bytes - 1, bytes + 1, bytes + 2, 48, 64, 80, (1 << 14) - 4, bytes + 0x20000, bytes + 0x30000, (1 << 24) - 1}) {
            expect(Alert.DECODE_ERROR, c -> {
                half(c);
                byte[] first = Arrays.copyOf(c.finished(), Math.min(4 + length, 1 << 14));
                first[1] = (byte) (length >> 16);
                first[2] = (byte) (length >> 8);
                first[3] = (byte) length;
                c.say(Wire.HANDSHAKE, first);
            });
        }
        for (int bit = 0; bit < 8 * bytes; bit += 5) {
            int flipped = bit;
            expect(Alert.DECRYPT_ERROR, c -> {
                half(c);
                byte[] wrong = c.finished();
                wrong[4 + flipped / 8] ^= (byte) (1 << flipped % 8);
                c.say(Wire.HANDSHAKE, wrong);
            });
        }
    }

    @Test
    void finishedPlaintext() {
        expect(Alert.UNEXPECTED_MESSAGE, c -> {
            half(c);
            byte[] finished = c.finished();
            c.raw(TestClient.concat(TestClient.hex("16 0303"), TestClient.u16(finished.length), finished));
        });
    }

    @Test
    void ccs() {
        expect(Alert.UNEXPECTED_MESSAGE, c -> {
            half(c);
            c.finish();
            c.raw(TestClient.hex("14 0303 0001 01"));
        });
        expect(Alert.UNEXPECTED_MESSAGE, c -> {
            half(c);
            c.raw(TestClient.hex("14 0303 0002 0101"));
        });
    }

    @Test
    void keyUpdate() {
        after(Alert.DECODE_ERROR, c -> c.say(Wire.HANDSHAKE, TestClient.hex("18000000")));
        for (int type = 2; type < 256; type += 11) {
            String said = "18000001 %02x".formatted(type);
            after(Alert.ILLEGAL_PARAMETER, c -> c.say(Wire.HANDSHAKE, TestClient.hex(said)));
        }
        begin();
        client.handshake();
        for (int i = 0; i < 32; i++) {
            client.say(Wire.HANDSHAKE, TestClient.hex("18000001 01"));
            client.updateWrite();
        }
        client.say(Wire.APPLICATION_DATA, GET);
        client.listen();
        assertEquals(32, client.messages.stream().filter(message -> message[0] == Wire.KEY_UPDATE).count(), "each is answered");
        assertArrayEquals(GET, client.content.toByteArray());
        end();
        for (int cut = 1; cut < 5; cut++) {
            byte[] update = TestClient.hex("18000001 00");
            int at = cut;
            after(Alert.UNEXPECTED_MESSAGE, c -> {
                c.say(Wire.HANDSHAKE, Arrays.copyOf(update, at));
                c.say(Wire.APPLICATION_DATA, GET);
            });
        }
    }

    @Test
    void recordLayerLimits() {
        byte[] most = new byte[1 << 14];
        client.handshake();
        client.say(Wire.APPLICATION_DATA, most);
        client.listen();
        assertArrayEquals(most, client.content.toByteArray());
        end();
        after(Alert.RECORD_OVERFLOW, c -> c.raw(c.record(Wire.APPLICATION_DATA, new byte[(1 << 14) - 8], 9)));
        expect(Alert.RECORD_OVERFLOW, c -> {
            half(c);
            c.say(Wire.HANDSHAKE, TestClient.message(Wire.FINISHED, new byte[(1 << 14) - 3]));
        });
        for (int more = 0; more < 2; more++) {
            int padding = (1 << 14) + 256 - 16 - 36 - 1 + more;
            expect(Alert.RECORD_OVERFLOW, c -> {
                half(c);
                c.raw(c.record(Wire.HANDSHAKE, c.finished(), padding));
            });
        }
        answered("a hello that fills its record", c -> padded(c, 1 << 14));
        expect(Alert.RECORD_OVERFLOW, c -> c.say(Wire.HANDSHAKE, padded(c, (1 << 14) + 1)));
    }

    /// {@return a hello of so many bytes, header and all}
    private static byte[] padded(TestClient c, int bytes) {
        int bare = c.hello(c.extensions()).length;
        List<byte[]> extensions = new ArrayList<>(c.extensions());
        extensions.add(TestClient.extension(21, new byte[bytes - bare - 4]));
        return c.hello(extensions);
    }

    @Test
    void largeNumberOfExtensions() {
        SplittableRandom random = new SplittableRandom(13);
        for (int count : new int[] {4096, 1024, 1}) {
            List<byte[]> extensions = new ArrayList<>(client.extensions());
            for (int kind = 0x4000; kind < 0x4000 + count; kind++) {
                byte[] body = new byte[count == 4096 ? 0 : random.nextInt(58)];
                random.nextBytes(body);
                extensions.add(TestClient.extension(kind, body));
            }
            byte[] hello = client.hello(extensions);
            client.remember(hello);
            client.sayHello(hello);
            client.listen();
            assertArrayEquals(TestClient.hex("0800 0002 0000"), client.messages.get(1), "nothing is said of them");
            client.finish();
            assertTrue(server.isOpen());
            end();
            begin();
        }
    }

    @Test
    void unrecognisedGroups() {
        for (int from : new int[] {34, 261}) {
            for (int size : new int[] {64, 256}) {
                int to = from == 34 ? 255 : 507;
                byte[] groups = {};
                byte[] shares = {};
                for (int group = from; group < to; group++) {
                    groups = TestClient.concat(groups, TestClient.u16(group));
                    shares = TestClient.concat(shares, TestClient.u16(group), TestClient.list16(new byte[size]));
                }
                byte[] alone = groups;
                byte[] sent = shares;
                answered("the last share is the one", c -> hello(c, TestClient.concat(alone, TestClient.u16(0x1d)), TestClient.concat(sent, own(c))));
                answered("behind a retry", c -> {
                    half(c, hello(c, TestClient.concat(TestClient.u16(0x1d), alone), sent));
                    assertEquals(1, c.messages.size(), "a retry");
                    return hello(c, TestClient.concat(TestClient.u16(0x1d), alone), own(c));
                });
                expect(Alert.HANDSHAKE_FAILURE, c -> c.sayHello(hello(c, alone, sent)));
            }
        }
    }

    /// {@return the client's own share, as its list has it}
    private static byte[] own(TestClient c) {
        return TestClient.concat(TestClient.u16(0x1d), TestClient.list16(c.share));
    }

    private static byte[] hello(TestClient c, byte[] groups, byte[] shares) {
        return c.hello(with(with(c.extensions(), Wire.SUPPORTED_GROUPS, TestClient.list16(groups)), Wire.KEY_SHARE, TestClient.list16(shares)));
    }

    @Test
    void sharesOutOfTheOrderOfTheGroups() {
        byte[] other = TestClient.hex("1234 0001 00");
        answered("few are looked at", c -> hello(c, TestClient.hex("001d 1234"), TestClient.concat(other, own(c))));
        expect(Alert.ILLEGAL_PARAMETER, c -> {
            byte[] groups = {};
            byte[] shares = {};
            for (int i = 0; i < 33; i++) {
                groups = TestClient.concat(groups, TestClient.u16(0x2000 + i));
                shares = TestClient.concat(TestClient.u16(0x2000 + i), TestClient.hex("0001 00"), shares);
            }
            c.say(Wire.HANDSHAKE, hello(c, groups, shares));
        });
    }

    @Test
    void signatureAlgorithms() {
        for (int count : new int[] {215, 2355, 8132, 23754, 32_700}) {
            byte[] all = new byte[2 * count];
            for (int i = 0; i < count; i++) {
                all[2 * i] = (byte) (10 + i % 214);
                all[2 * i + 1] = (byte) (10 + i / 214);
            }
            byte[] schemes = TestClient.concat(Arrays.copyOf(all, all.length - 2), TestClient.u16(0x0807));
            answered(count + " schemes", c -> c.hello(with(c.extensions(), Wire.SIGNATURE_ALGORITHMS, TestClient.list16(schemes))));
        }
        for (String undefined : new String[] {"0418", "1801", "0a0a", "0918", "ffff", "0201 0601"}) {
            byte[] schemes = TestClient.hex(undefined);
            expect(Alert.HANDSHAKE_FAILURE, c -> c.say(Wire.HANDSHAKE, c.hello(with(c.extensions(), Wire.SIGNATURE_ALGORITHMS, TestClient.list16(schemes)))));
        }
        for (String odd : new String[] {"0004 0807 0809 0403", "0001 02", "0005 0807 0809 02", "0000", ""}) {
            expect(Alert.DECODE_ERROR, c -> c.say(Wire.HANDSHAKE, c.hello(with(c.extensions(), Wire.SIGNATURE_ALGORITHMS, TestClient.hex(odd)))));
        }
        for (int length = 0; length < 256; length += 3) {
            if (length != 4) {
                byte[] body = TestClient.concat(TestClient.u16(length), TestClient.hex("0807 0403"));
                expect(Alert.DECODE_ERROR, c -> c.say(Wire.HANDSHAKE, c.hello(with(c.extensions(), Wire.SIGNATURE_ALGORITHMS, body))));
            }
        }
    }

    @Test
    void keyShareOmitted() {
        byte[] modes = TestClient.hex("02 00 01");
        expect(Alert.MISSING_EXTENSION, c -> c.say(Wire.HANDSHAKE, c.hello(without(c.extensions(), Wire.KEY_SHARE))));
        expect(Alert.MISSING_EXTENSION, c -> c.say(Wire.HANDSHAKE, c.hello(with(without(c.extensions(), Wire.KEY_SHARE), Wire.PSK_MODES, modes))));
        expect(Alert.DECODE_ERROR, c -> c.say(Wire.HANDSHAKE, c.hello(with(c.extensions(), Wire.KEY_SHARE, new byte[0]))));
        expect(Alert.DECODE_ERROR, c -> c.say(Wire.HANDSHAKE, c.hello(with(with(c.extensions(), Wire.KEY_SHARE, new byte[0]), Wire.PSK_MODES, modes))));
    }

    @Test
    void curves() {
        byte[] one = new byte[32];
        one[0] = 1;
        byte[] padded = new byte[33];
        Arrays.fill(padded, (byte) 55);
        for (byte[] share : new byte[][] {new byte[32], one, new byte[31], padded, new byte[1], new byte[65]}) {
            expect(Alert.ILLEGAL_PARAMETER,
                    c -> c.say(Wire.HANDSHAKE, hello(c, TestClient.u16(0x1d), TestClient.concat(TestClient.u16(0x1d), TestClient.list16(share)))));
        }
        byte[] point = new byte[65];
        point[0] = 4;
        byte[] infinity = new byte[1];
        byte[] compressed = new byte[65];
        compressed[0] = 2;
        for (byte[] share : new byte[][] {point, infinity, compressed, new byte[64], new byte[66]}) {
            expect(Alert.ILLEGAL_PARAMETER,
                    c -> c.say(Wire.HANDSHAKE, hello(c, TestClient.u16(0x17), TestClient.concat(TestClient.u16(0x17), TestClient.list16(share)))));
        }
        for (int obsolete : new int[] {1, 0x16, 0x1a, 0x1c, 0xff01, 0xff02, 0x18, 0x19, 0x1e, 0x100}) {
            byte[] group = TestClient.u16(obsolete);
            expect(Alert.HANDSHAKE_FAILURE, c -> c.say(Wire.HANDSHAKE, hello(c, group, TestClient.concat(group, TestClient.list16(new byte[32])))));
            expect(Alert.HANDSHAKE_FAILURE, c -> c.say(Wire.HANDSHAKE, hello(c, group, new byte[0])));
            expect(Alert.ILLEGAL_PARAMETER,
                    c -> c.say(Wire.HANDSHAKE, hello(c, TestClient.u16(0x1d), TestClient.concat(group, TestClient.list16(new byte[32])))));
        }
    }

    @Test
    void earlyGarbage() {
        byte[] early = TestClient.extension(Wire.EARLY_DATA, new byte[0]);
        byte[] garbage = TestClient.concat(TestClient.hex("17 0303 0040"), new byte[64]);
        expect(Alert.BAD_RECORD_MAC, c -> {
            List<byte[]> first = new ArrayList<>(with(c.extensions(), Wire.KEY_SHARE, new byte[2]));
            first.add(early);
            half(c, c.hello(first));
            c.raw(garbage);
            half(c, c.hello(c.extensions()));
            assertEquals(Wire.FINISHED, c.messages.getLast()[0], "the garbage before the second hello was passed over");
            c.raw(garbage);
        });
        expect(Alert.BAD_RECORD_MAC, c -> {
            List<byte[]> extensions = new ArrayList<>(c.extensions());
            extensions.add(early);
            half(c, c.hello(extensions));
            c.raw(garbage);
            c.raw(TestClient.hex("14 0303 0001 01"));
            c.raw(garbage);
            c.say(Wire.HANDSHAKE, Arrays.copyOf(c.finished(), 16));
            c.raw(garbage);
        });
    }

    @Test
    void noCiphers() {
        for (String suites : new String[] {"c02f", "00ff", "1304", "1305", "1306", "c0ff 002f"}) {
            expect(Alert.HANDSHAKE_FAILURE, c -> c.say(Wire.HANDSHAKE, suites(c, suites)));
        }
        expect(Alert.DECODE_ERROR, c -> c.say(Wire.HANDSHAKE, suites(c, "")));
        answered("one that is known beside others", c -> suites(c, "1304 ffff 1303"));
    }

    private static byte[] suites(TestClient c, String suites) {
        byte[] hello = c.hello(c.extensions());
        int at = 4 + 2 + 32 + 1 + 32;
        byte[] body = TestClient.concat(Arrays.copyOfRange(hello, 4, at), TestClient.list16(TestClient.hex(suites)),
                Arrays.copyOfRange(hello, at + 4, hello.length));
        return TestClient.message(Wire.CLIENT_HELLO, body);
    }

    @Test
    void unencryptedAlert() {
        for (boolean plain : new boolean[] {true, false}) {
            half(client);
            byte[] alert = {2, 48};
            client.raw(plain ? TestClient.concat(TestClient.hex("15 0303 0002"), alert) : client.record(Wire.ALERT, alert));
            client.listen();
            assertTrue(server.isEnded());
            assertNull(client.alert(), "nothing is said to who has left");
            assertEquals(Alert.UNKNOWN_CA, server.alertReceived());
            end();
            begin();
        }
    }

    /// The place of the one long hello is another's: the next one waits where it lies, in its record, until that is read or gone, and is read then.
    @Test
    void theSecondLongHelloWaitsForTheFirst() {
        for (boolean ends : new boolean[] {false, true}) {
            byte[] hello = padded(client, 60_000);
            TlsServer<Echo.Event> other = new TlsServer<>(place.context(), 0, (connection, now) -> new Echo(40_000));
            TestClient first = new TestClient(other, SUITE);
            byte[] firsts = padded(first, 60_000);
            first.say(Wire.HANDSHAKE, Arrays.copyOf(firsts, 1 << 14));
            client.remember(hello);
            client.say(Wire.HANDSHAKE, Arrays.copyOf(hello, 1 << 14));
            for (int i = 0; i < 3; i++) {
                client.listen();
                assertNull(client.alert(), "it waits");
                assertFalse(server.isEnded());
                assertTrue(server.deadlineNanos() > client.now && server.deadlineNanos() <= client.now + 5_000_000, "and asks again soon");
                client.now += 1000;
                server.onDeadline(client.now);
            }
            if (ends) {
                other.close();
            } else {
                first.remember(firsts);
                for (int at = 1 << 14; at < firsts.length; at += 1 << 14) {
                    first.say(Wire.HANDSHAKE, Arrays.copyOfRange(firsts, at, Math.min(firsts.length, at + (1 << 14))));
                }
                first.listen();
                first.finish();
                assertTrue(other.isOpen());
                other.close();
            }
            client.listen();
            for (int at = 1 << 14; at < hello.length; at += 1 << 14) {
                client.say(Wire.HANDSHAKE, Arrays.copyOfRange(hello, at, Math.min(hello.length, at + (1 << 14))));
            }
            client.listen();
            client.finish();
            assertTrue(server.isOpen(), () -> "it is taken: " + client.alert());
            client.say(Wire.APPLICATION_DATA, GET);
            client.listen();
            assertArrayEquals(GET, client.content.toByteArray());
            end();
            begin();
        }
        answered("it is free again, and zero", c -> padded(c, 60_000));
        expect(Alert.DECODE_ERROR, c -> c.say(Wire.HANDSHAKE, TestClient.hex("01 020145")));  // longer than any can be
    }

    /// What had to wait and is wrong is refused as it would have been.
    @Test
    void aLongHelloThatWaitedAndIsWrongIsRefused() {
        byte[] wrong = padded(client, 12_000);
        wrong[4] = 2;  // a version of SSL
        expect(Alert.PROTOCOL_VERSION, c -> c.sayHello(wrong));
        begin();
        TlsServer<Echo.Event> other = new TlsServer<>(place.context(), 0, (connection, now) -> new Echo(10));
        TestClient first = new TestClient(other, SUITE);
        first.say(Wire.HANDSHAKE, Arrays.copyOf(padded(first, 60_000), 1 << 14));
        client.sayHello(wrong);
        client.listen();
        assertNull(client.alert());
        other.close();
        client.listen();
        assertEquals(Alert.PROTOCOL_VERSION, client.alert());
        assertTrue(server.isEnded());
        assertEquals(0, place.context().pool().usedBytes(), "lent after a fault");
    }

    /// It is our memory that is short (RFC 8446, section 6.2), and it is waited for as long as a record may take.
    @Test
    void aHelloThatWaitsForTooLongIsToldThatItIsUs() {
        TlsServer<Echo.Event> other = new TlsServer<>(place.context(), 0, (connection, now) -> new Echo(10));
        TestClient first = new TestClient(other, SUITE);
        first.say(Wire.HANDSHAKE, Arrays.copyOf(padded(first, 60_000), 1 << 14));
        client.sayHello(padded(client, 12_000));
        client.listen();
        client.now = server.deadlineNanos();
        server.onDeadline(client.now);
        client.listen();
        client.now = server.deadlineNanos();
        server.onDeadline(client.now);
        client.listen();
        assertEquals(Alert.INTERNAL_ERROR, client.alert());
        assertTrue(server.isEnded());
        other.close();
    }

    /// Whoever says a long hello slowly has the place for a second, and longer only while nobody asks for it; who makes way was slow itself, which is no fault of ours.
    @Test
    void aSlowLongHelloGivesWay() {
        byte[] hello = padded(client, 60_000);
        TlsServer<Echo.Event> other = new TlsServer<>(place.context(), 0, (connection, now) -> new Echo(40_000));
        TestClient slow = new TestClient(other, SUITE);
        slow.say(Wire.HANDSHAKE, Arrays.copyOf(hello, 1 << 14));
        slow.now += 5_000_000_000L;
        slow.say(Wire.HANDSHAKE, Arrays.copyOfRange(hello, 1 << 14, 1 << 15));
        assertNull(slow.alert(), "nobody asks");
        client.now = slow.now;
        half(client, padded(client, 60_000));
        client.finish();
        assertTrue(server.isOpen(), () -> "it is taken: " + client.alert());
        slow.say(Wire.HANDSHAKE, Arrays.copyOfRange(hello, 1 << 15, (1 << 15) + 1));
        slow.listen();
        assertEquals(Alert.CLOSE_NOTIFY, slow.alert());
        assertTrue(other.isEnded());
        other.close();
        client.say(Wire.APPLICATION_DATA, GET);
        client.listen();
        assertArrayEquals(GET, client.content.toByteArray(), "and it is no worse off");
        end();
        begin();
    }

    /// Its second is the first one's own, and then the place is the next one's.
    @Test
    void whoWaitsHasThePlaceWhenASecondIsOver() {
        byte[] hello = padded(client, 60_000);
        TlsServer<Echo.Event> other = new TlsServer<>(place.context(), 0, (connection, now) -> new Echo(40_000));
        TestClient slow = new TestClient(other, SUITE);
        slow.say(Wire.HANDSHAKE, Arrays.copyOf(hello, 1 << 14));
        client.now = slow.now + 999_999_999;
        client.say(Wire.HANDSHAKE, Arrays.copyOf(hello, 1 << 14));
        client.listen();
        slow.now = client.now;
        slow.say(Wire.HANDSHAKE, Arrays.copyOfRange(hello, 1 << 14, (1 << 14) + 1));
        slow.listen();
        assertNull(slow.alert(), "its second is not over");
        client.now++;
        client.listen();
        slow.say(Wire.HANDSHAKE, Arrays.copyOfRange(hello, (1 << 14) + 1, (1 << 14) + 2));
        slow.listen();
        assertEquals(Alert.CLOSE_NOTIFY, slow.alert());
        assertNull(client.alert());
        other.close();
    }
}
