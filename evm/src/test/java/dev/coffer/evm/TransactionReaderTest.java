package dev.coffer.evm;

import static dev.coffer.evm.RlpModel.list;
import static dev.coffer.evm.RlpModel.number;
import static dev.coffer.evm.RlpModel.string;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.Secp256k1Model.Signature;
import dev.coffer.evm.TransactionReader.Refusal;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.word.Word;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Signed transactions of each type: who sent them and what they say; and bytes that are none.
class TransactionReaderTest {
    private static final long CHAIN = 1337;
    private static final BigInteger KEY = new BigInteger("46".repeat(32), 16);
    private static final long[] SENDER = RlpModel.address(KEY);
    private static final byte[] TO = RlpModel.bytes(BigInteger.valueOf(0xc0de), 20);
    private static final byte[] DATA = "some data that are longer than fifty-five bytes, so their length has its own".getBytes(
            java.nio.charset.StandardCharsets.US_ASCII);

    private final MemorySegment room = Arena.ofAuto().allocate(TransactionReader.WORKSPACE_BYTES, Long.BYTES);
    private final Transaction t = new Transaction(4, 2, 2);

    private Refusal read(Fork fork, byte[] bytes) {
        return new TransactionReader(fork, CHAIN, room, 0).read(MemorySegment.ofArray(bytes), 0, bytes.length, t);
    }

    private static Signature sign(byte[] what) {
        return Secp256k1Model.sign(KEY, new BigInteger(1, RlpModel.keccak(what)), BigInteger.valueOf(0x5eed));
    }

    private static byte[] typed(int type, byte[]... fields) {
        byte[] head = {(byte) type};
        Signature signature = sign(RlpModel.joined(head, list(fields)));
        byte[][] all = Arrays.copyOf(fields, fields.length + 3);
        all[fields.length] = number(signature.odd() ? 1 : 0);
        all[fields.length + 1] = number(signature.r());
        all[fields.length + 2] = number(signature.s());
        return RlpModel.joined(head, list(all));
    }

    private static byte[][] plainFields(byte[] to) {
        return new byte[][] {number(9), number(20), number(21_000), string(to), number(5), string(DATA)};
    }

    /// @param chain  0 for none
    private static byte[] legacy(long chain, byte[] to, boolean high) {
        byte[][] fields = plainFields(to);
        byte[][] all = Arrays.copyOf(fields, 9);
        all[6] = number(chain);
        all[7] = number(0);
        all[8] = number(0);
        Signature signature = sign(list(chain == 0 ? fields : all));
        boolean odd = signature.odd() != high;
        all[6] = number((chain == 0 ? 27 : 35 + 2 * chain) + (odd ? 1 : 0));
        all[7] = number(signature.r());
        all[8] = number(high ? Secp256k1Model.N.subtract(signature.s()) : signature.s());
        return list(all);
    }

    private static byte[] accessList() {
        return list(list(string(TO), list(string(new byte[32]), string(RlpModel.bytes(BigInteger.TWO, 32)))), list(string(new byte[20]), list()));
    }

    private static byte[] ofType(int type, long chain) {
        byte[] n = number(9);
        byte[] fee = number(20);
        byte[] gas = number(21_000);
        byte[] to = string(TO);
        byte[] value = number(5);
        byte[] data = string(DATA);
        byte[] blob = string(RlpModel.bytes(BigInteger.ONE.shiftLeft(248), 32));
        byte[] authorization = list(number(chain), to, number(BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE)), number(255), number(7), number(8));
        return switch (type) {
            case 0 -> legacy(chain, TO, false);
            case 1 -> typed(1, number(chain), n, fee, gas, to, value, data, accessList());
            case 2 -> typed(2, number(chain), n, number(3), fee, gas, to, value, data, accessList());
            case 3 -> typed(3, number(chain), n, number(3), fee, gas, to, value, data, accessList(), number(6), list(blob, blob));
            default -> typed(4, number(chain), n, number(3), fee, gas, to, value, data, accessList(), list(authorization, authorization));
        };
    }

    /// {@return a transaction of a key, with nonce 0, to its own account, which it delegates to 0xc0de}
    static byte[] delegating(BigInteger key) {
        byte[] to = string(RlpModel.bytes(Word.toBigInteger(RlpModel.address(key), 0), 20));
        byte[] target = string(TO);
        Signature inner = Secp256k1Model.sign(key, new BigInteger(1, RlpModel.keccak(RlpModel.joined(new byte[] {5}, list(number(1), target, number(1))))),
                BigInteger.valueOf(0x5eed));
        byte[] authorization = list(number(1), target, number(1), number(inner.odd() ? 1 : 0), number(inner.r()), number(inner.s()));
        byte[][] fields = {number(1), number(0), number(1), number(1), number(200_000), to, number(0), string(new byte[0]), list(), list(authorization)};
        byte[] head = {Transaction.SET_CODE};
        Signature outer = Secp256k1Model.sign(key, new BigInteger(1, RlpModel.keccak(RlpModel.joined(head, list(fields)))), BigInteger.valueOf(0x5eed));
        byte[][] all = Arrays.copyOf(fields, 13);
        all[10] = number(outer.odd() ? 1 : 0);
        all[11] = number(outer.r());
        all[12] = number(outer.s());
        return RlpModel.joined(head, list(all));
    }

    /// EIP-7702: a parity is less than 2^8, be it none of a signature.
    @Test
    void aParityHasEightBits() {
        for (int parity : new int[] {255, 256}) {
            byte[] authorization = list(number(CHAIN), string(TO), number(0), number(parity), number(7), number(8));
            byte[] bytes = typed(4, number(CHAIN), number(9), number(3), number(20), number(21_000), string(TO), number(5), string(DATA), accessList(),
                    list(authorization));
            assertEquals(parity == 255 ? Refusal.NONE : Refusal.TOO_LARGE, read(Fork.PRAGUE, bytes));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void eachTypeSaysWhatWasSignedAndByWhom(int type) {
        assertEquals(Refusal.NONE, read(Fork.PRAGUE, ofType(type, CHAIN)));
        assertEquals(type, t.type);
        assertTrue(Word.equal(SENDER, 0, t.words, Transaction.SENDER), "sender " + Word.toHex(t.words, 0));
        assertEquals(9, t.nonce);
        assertEquals(21_000, t.gas);
        assertEquals(0xc0de, t.words[Transaction.TO]);
        assertEquals(5, t.words[Transaction.VALUE]);
        assertEquals(20, t.words[Transaction.FEE_MAX]);
        assertEquals(type < 2 ? 20 : 3, t.words[Transaction.TIP_MAX]);
        assertArrayEquals(DATA, t.data.asSlice(t.dataAt, t.dataLength).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
        assertEquals(type == 0 ? 0 : 4, t.accessCount);
        assertEquals(type == 0 ? 0 : 2, t.accessKeys);
        assertEquals(type == 3 ? 2 : 0, t.blobCount);
        assertEquals(type == 3 ? 6 : 0, t.words[Transaction.BLOB_FEE_MAX]);
        assertEquals(type == 4 ? 2 : 0, t.authorizationCount);
        if (type == 4) {
            assertEquals(-1L, t.authorizationNonces[1]);
            assertEquals(255, t.authorizationParities[1]);
            assertEquals(CHAIN, t.authorizations[Transaction.AUTHORIZATION_LONGS]);
        }
        assertEquals(Refusal.OTHER_CHAIN, read(Fork.PRAGUE, ofType(type, CHAIN + 1)));
        if (type > 0) {
            assertEquals(Refusal.NO_PLACE, new TransactionReader(Fork.PRAGUE, CHAIN, room, 0).read(MemorySegment.ofArray(ofType(type, CHAIN)), 0,
                    ofType(type, CHAIN).length, new Transaction(type == 1 || type == 2 ? 3 : 4, 1, 1)));
        }
    }

    @Test
    void theExampleOfEip155IsItsSenders() {
        byte[] bytes = java.util.HexFormat.of()
                .parseHex("f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe"
                        + "537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83");
        assertEquals(Refusal.NONE, new TransactionReader(Fork.SPURIOUS_DRAGON, 1, room, 0).read(MemorySegment.ofArray(bytes), 0, bytes.length, t));
        assertEquals("9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f", Word.toBigInteger(t.words, Transaction.SENDER).toString(16));
    }

    @Test
    void eachForkKnowsItsTypesAndItsSignatures() {
        Fork[] since = {Fork.FRONTIER, Fork.BERLIN, Fork.LONDON, Fork.CANCUN, Fork.PRAGUE};
        for (int type = 1; type <= 4; type++) {
            assertEquals(Refusal.NONE, read(since[type], ofType(type, CHAIN)));
            assertEquals(Refusal.TYPE_UNKNOWN, read(Fork.values()[since[type].ordinal() - 1], ofType(type, CHAIN)));
        }
        assertEquals(Refusal.TYPE_UNKNOWN, read(Fork.OSAKA, new byte[] {5, (byte) 0xc0}));
        assertEquals(Refusal.TYPE_UNKNOWN, read(Fork.OSAKA, new byte[] {0, (byte) 0xc0}));
        assertEquals(Refusal.MALFORMED, read(Fork.OSAKA, new byte[] {(byte) 0x80}));
        assertEquals(Refusal.NONE, read(Fork.FRONTIER, legacy(0, TO, false)), "without a chain");
        assertEquals(Refusal.NONE, read(Fork.OSAKA, legacy(0, TO, false)), "today, too");
        assertEquals(Refusal.NOT_SIGNED, read(Fork.TANGERINE_WHISTLE, legacy(CHAIN, TO, false)), "EIP-155 is not there yet");
        assertEquals(Refusal.NONE, read(Fork.SPURIOUS_DRAGON, legacy(CHAIN, TO, false)));
        assertEquals(Refusal.NONE, read(Fork.FRONTIER, legacy(0, TO, true)), "s in the upper half");
        assertTrue(Word.equal(SENDER, 0, t.words, Transaction.SENDER));
        assertEquals(Refusal.NOT_SIGNED, read(Fork.HOMESTEAD, legacy(0, TO, true)), "EIP-2");
        assertEquals(Refusal.NONE, read(Fork.FRONTIER, legacy(0, new byte[0], false)));
        assertTrue(t.isCreate);
    }

    private static byte[] withField(int index, byte[] field) {
        byte[][] all = new byte[9][];
        byte[][] fields = plainFields(TO);
        Signature signature = sign(list(fields));
        System.arraycopy(fields, 0, all, 0, 6);
        all[6] = number(27 + (signature.odd() ? 1 : 0));
        all[7] = number(signature.r());
        all[8] = number(signature.s());
        all[index] = field;
        return list(all);
    }

    @Test
    void eachFieldHasItsForm() {
        BigInteger two = BigInteger.TWO;
        assertEquals(Refusal.NONE, read(Fork.CANCUN, withField(0, number(two.pow(64).subtract(BigInteger.ONE)))));
        assertEquals(Refusal.TOO_LARGE, read(Fork.CANCUN, withField(0, number(two.pow(64)))), "nonce");
        assertEquals(Refusal.NONE, read(Fork.CANCUN, withField(1, number(two.pow(256).subtract(BigInteger.ONE)))));
        assertEquals(Refusal.TOO_LARGE, read(Fork.CANCUN, withField(1, number(two.pow(256)))), "price");
        assertEquals(Refusal.NONE, read(Fork.CANCUN, withField(2, number(two.pow(63).subtract(BigInteger.ONE)))));
        assertEquals(Refusal.TOO_LARGE, read(Fork.CANCUN, withField(2, number(two.pow(63)))), "gas");
        assertEquals(Refusal.MALFORMED, read(Fork.CANCUN, withField(3, string(new byte[19]))), "19 bytes of address");
        assertEquals(Refusal.MALFORMED, read(Fork.CANCUN, withField(3, string(new byte[21]))), "21 bytes of address");
        for (int number : new int[] {0, 1, 2, 4, 6, 7, 8}) {
            assertEquals(Refusal.MALFORMED, read(Fork.CANCUN, withField(number, new byte[] {0})), "a zero as a byte, in " + number);
            assertEquals(Refusal.MALFORMED, read(Fork.CANCUN, withField(number, new byte[] {(byte) 0x82, 0, 1})), "a zero before it, in " + number);
            assertEquals(Refusal.MALFORMED, read(Fork.CANCUN, withField(number, new byte[] {(byte) 0x81, 5})), "a head too many, in " + number);
            assertEquals(Refusal.MALFORMED, read(Fork.CANCUN, withField(number, list())), "a list, in " + number);
        }
        assertEquals(Refusal.NOT_SIGNED, read(Fork.CANCUN, withField(6, number(26))));
        assertEquals(Refusal.NOT_SIGNED, read(Fork.CANCUN, withField(6, number(29))));
        assertEquals(Refusal.NOT_SIGNED, read(Fork.CANCUN, withField(6, number(34))));
        assertEquals(Refusal.NOT_SIGNED, read(Fork.CANCUN, withField(6, number(two.pow(64).add(BigInteger.valueOf(27))))));
        assertEquals(Refusal.NOT_SIGNED, read(Fork.CANCUN, withField(7, number(0))), "r of 0");
        assertEquals(Refusal.NOT_SIGNED, read(Fork.CANCUN, withField(7, number(Secp256k1Model.N))), "r of the order");
        assertEquals(Refusal.NOT_SIGNED, read(Fork.CANCUN, withField(8, number(0))), "s of 0");
    }

    /// What is changed anywhere, cut or longer is refused or somebody else's.
    @Test
    void whatIsChangedIsNotTheSendersAnyMore() {
        Random random = new Random(Long.getLong("coffer.seed", 2718));
        for (int type = 0; type <= 4; type++) {
            byte[] good = ofType(type, CHAIN);
            for (int length = 0; length < good.length; length++) {
                assertEquals(Refusal.MALFORMED, read(Fork.PRAGUE, Arrays.copyOf(good, length)), "type " + type + " cut to " + length);
            }
            assertEquals(Refusal.MALFORMED, read(Fork.PRAGUE, Arrays.copyOf(good, good.length + 1)));
            for (int i = 0; i < 200; i++) {
                byte[] bad = good.clone();
                int at = random.nextInt(bad.length);
                bad[at] ^= (byte) (1 << random.nextInt(8));
                if (read(Fork.PRAGUE, bad) == Refusal.NONE) {
                    assertNotEquals(Word.toBigInteger(SENDER, 0), Word.toBigInteger(t.words, Transaction.SENDER), "type " + type + ", byte " + at);
                }
            }
        }
    }

    /// Bytes of nobody: a refusal and no exception.
    @Test
    void hostileBytesAreRefused() {
        Random random = new Random(Long.getLong("coffer.seed", 1559));
        TransactionReader reader = new TransactionReader(Fork.OSAKA, CHAIN, room, 0);
        for (int i = 0; i < 100_000; i++) {
            byte[] bytes = new byte[random.nextInt(80)];
            random.nextBytes(bytes);
            for (int j = 0; j < bytes.length; j++) {
                bytes[j] = random.nextInt(3) == 0 ? (byte) (0xb0 + random.nextInt(80)) : bytes[j];
            }
            if (bytes.length > 1) {
                bytes[0] = (byte) random.nextInt(5);
                bytes[1] = (byte) (0xc0 + Math.min(bytes.length - 2, 55));
            }
            assertNotEquals(Refusal.NONE, reader.read(MemorySegment.ofArray(bytes), 0, bytes.length, t));
        }
        assertThrows(IndexOutOfBoundsException.class, () -> reader.read(MemorySegment.ofArray(new byte[2]), 1, 2, t));
        assertThrows(IllegalArgumentException.class, () -> new TransactionReader(Fork.OSAKA, 0, room, 0));
        assertThrows(IllegalArgumentException.class, () -> new TransactionReader(Fork.OSAKA, (1L << 62) + 1, room, 0));
    }
}
