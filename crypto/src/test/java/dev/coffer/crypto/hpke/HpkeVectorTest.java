package dev.coffer.crypto.hpke;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.crypto.Memory;
import dev.coffer.memory.Entropy;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The cases of RFC 9180, appendix A, for the suites that are here: keys, encapsulated keys, messages and exported values, byte for byte.
class HpkeVectorTest {
    private static final MemorySegment INFO = Memory.hex("4f6465206f6e2061204772656369616e2055726e");
    private static final MemorySegment TEXT = Memory.hex("4265617574792069732074727574682c20747275746820626561757479");
    private static final MemorySegment PSK = Memory.hex("0247fd33b913760fa1fa51e1892d9f307fbe65eb171e8132c2af18555a738b82");
    private static final MemorySegment PSK_ID = Memory.hex("456e6e796e20447572696e206172616e204d6f726961");
    private static final List<MemorySegment> EXPORTS = List.of(Memory.hex(""), Memory.hex("00"), Memory.hex("54657374436f6e74657874"));

    /// {@return blocks of `name value` lines, split by empty ones}
    static List<Map<String, String>> blocks(String resource) throws IOException {
        List<Map<String, String>> blocks = new ArrayList<>();
        try (InputStream in = HpkeVectorTest.class.getResourceAsStream("/vectors/hpke/" + resource)) {
            for (String block : new String(in.readAllBytes(), StandardCharsets.US_ASCII).split("\n\n")) {
                Map<String, String> fields = new HashMap<>();
                for (String line : block.strip().split("\n")) {
                    fields.put(line.substring(0, line.indexOf(' ')), line.substring(line.indexOf(' ') + 1));
                }
                blocks.add(fields);
            }
        }
        return blocks;
    }

    static List<Map<String, String>> cases() throws IOException {
        return blocks("rfc9180.txt");
    }

    @Test
    void allCasesOfTheFileAreThere() throws IOException {
        assertEquals(16, cases().size());
    }

    private record Pair(MemorySegment publicKey, MemorySegment privateKey) {
        static Pair derived(HpkeKem kem, String ikm) {
            MemorySegment material = Memory.hex(ikm);
            Pair pair = new Pair(Memory.zeros(kem.publicKeyBytes()), Memory.zeros(kem.privateKeyBytes()));
            MemorySegment w = Memory.zeros(kem.workspaceBytes());
            assertTrue(kem.deriveKeyPair(material, 0, material.byteSize(), pair.publicKey, 0, pair.privateKey, 0, w, 0));
            return pair;
        }
    }

    /// A source that gives a private key: X25519 takes it as it is, P-256 adds 1 to what is drawn (FIPS 186-5, section A.2.2).
    private static Entropy ephemeral(HpkeKem kem, MemorySegment privateKey) {
        BigInteger number = new BigInteger(1, Memory.bytes(privateKey));
        if (kem == HpkeKem.DHKEM_P256) {
            number = number.subtract(BigInteger.ONE);
        }
        MemorySegment drawn = Memory.hex("%064x".formatted(number));
        return (target, at, length) -> MemorySegment.copy(drawn, 0, target, at, length);
    }

    private static HpkeSuite suite(String[] numbers) {
        HpkeKem kem = numbers[0].equals("0020") ? HpkeKem.DHKEM_X25519 : HpkeKem.DHKEM_P256;
        HpkeKdf kdf = numbers[1].equals("0001") ? HpkeKdf.HKDF_SHA256 : HpkeKdf.HKDF_SHA512;
        HpkeAead aead = switch (numbers[2]) {
            case "0001" -> HpkeAead.AES_128_GCM;
            case "0003" -> HpkeAead.CHACHA20_POLY1305;
            default -> HpkeAead.EXPORT_ONLY;
        };
        assertEquals(Integer.parseInt(numbers[0], 16), kem.id());
        assertEquals(Integer.parseInt(numbers[1], 16), kdf.id());
        assertEquals(Integer.parseInt(numbers[2], 16), aead.id());
        return HpkeSuite.of(kem, kdf, aead);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTheStandard(Map<String, String> c) {
        String[] numbers = c.get("suite").split(" ");
        HpkeSuite suite = suite(numbers);
        int mode = Integer.parseInt(numbers[3]);
        Pair own = Pair.derived(suite.kem(), c.get("ikmE"));
        Pair recipient = Pair.derived(suite.kem(), c.get("ikmR"));
        Pair from = mode >= 2 ? Pair.derived(suite.kem(), c.get("ikmS")) : null;
        assertEquals(c.get("enc"), Memory.hex(own.publicKey), "DeriveKeyPair");
        assertEquals(c.get("skRm"), Memory.hex(recipient.privateKey), "DeriveKeyPair");

        HpkeSender sender = HpkeSender.in(suite, Memory.zeros(suite.plan("sender").totalBytes()));
        HpkeReceiver receiver = HpkeReceiver.in(suite, Memory.zeros(suite.plan("receiver").totalBytes()));
        MemorySegment enc = Memory.zeros(suite.kem().encapsulatedKeyBytes());
        Entropy entropy = ephemeral(suite.kem(), own.privateKey);
        HpkeSetup sent = switch (mode) {
            case 0 -> sender.setup(entropy, recipient.publicKey, INFO, enc);
            case 1 -> sender.setupPsk(entropy, recipient.publicKey, 0, PSK, 0, PSK.byteSize(), PSK_ID, 0, PSK_ID.byteSize(), INFO, 0,
                    INFO.byteSize(), enc, 0);
            case 2 -> sender.setupAuth(entropy, recipient.publicKey, 0, from.privateKey, 0, INFO, 0, INFO.byteSize(), enc, 0);
            default -> sender.setupAuthPsk(entropy, recipient.publicKey, 0, from.privateKey, 0, PSK, 0, PSK.byteSize(), PSK_ID, 0,
                    PSK_ID.byteSize(), INFO, 0, INFO.byteSize(), enc, 0);
        };
        assertEquals(HpkeSetup.READY, sent);
        assertEquals(c.get("enc"), Memory.hex(enc));
        long encBytes = enc.byteSize();
        HpkeSetup received = switch (mode) {
            case 0 -> receiver.setup(recipient.privateKey, enc, INFO);
            case 1 -> receiver.setupPsk(recipient.privateKey, 0, enc, 0, encBytes, PSK, 0, PSK.byteSize(), PSK_ID, 0, PSK_ID.byteSize(),
                    INFO, 0, INFO.byteSize());
            case 2 -> receiver.setupAuth(recipient.privateKey, 0, from.publicKey, 0, enc, 0, encBytes, INFO, 0, INFO.byteSize());
            default -> receiver.setupAuthPsk(recipient.privateKey, 0, from.publicKey, 0, enc, 0, encBytes, PSK, 0, PSK.byteSize(), PSK_ID,
                    0, PSK_ID.byteSize(), INFO, 0, INFO.byteSize());
        };
        assertEquals(HpkeSetup.READY, received);
        for (int i = 0; i < EXPORTS.size(); i++) {
            assertEquals(c.get("exp" + i), exported(sender, EXPORTS.get(i)), "exported by the sender");
            assertEquals(c.get("exp" + i), exported(receiver, EXPORTS.get(i)), "exported by the receiver");
        }
        if (suite.aead() != HpkeAead.EXPORT_ONLY) {
            messages(c, sender, receiver);
        }
    }

    private static String exported(HpkeContext context, MemorySegment exporterContext) {
        MemorySegment out = Memory.zeros(32);
        context.export(exporterContext, 0, exporterContext.byteSize(), out, 0, 32);
        return Memory.hex(out);
    }

    private static void messages(Map<String, String> c, HpkeSender sender, HpkeReceiver receiver) {
        MemorySegment sealed = Memory.zeros(TEXT.byteSize() + 16);
        MemorySegment opened = Memory.zeros(TEXT.byteSize());
        for (int number = 0; number <= 256; number++) {
            assertEquals(number, sender.sequence());
            MemorySegment aad = Memory.of(("Count-" + number).getBytes(StandardCharsets.US_ASCII));
            sender.seal(aad, TEXT, sealed);
            if (c.containsKey("ct" + number)) {
                assertEquals(c.get("ct" + number), Memory.hex(sealed), "message " + number);
            }
            opened.fill((byte) 0);
            assertTrue(receiver.open(aad, sealed, opened), "message " + number);
            assertEquals(-1, TEXT.mismatch(opened));
        }
        assertEquals(257, receiver.sequence());
    }
}
