package dev.coffer.evm.vectors;

import dev.coffer.evm.trie.Rlp;
import dev.coffer.evm.trie.Keccak;
import dev.coffer.evm.SignerRecovery;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.word.Word;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;

/// Random blocks of one to four signed transactions of all types, on contracts of [ProgramGenerator], each decided by its seed: most are valid, each reason of
/// invalidity comes up. Written as they travel, signed with keys 1 to 4; the point of every signature is the curve's base point, so that signing is arithmetic
/// modulo its order alone.
final class TransactionGenerator {
    private static final BigInteger ORDER = new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);
    private static final BigInteger BASE_X = new BigInteger("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", 16);
    private static final int KEYS = 4;
    private static final String[] SIGNERS = signers();
    private static final Fork[] LATE = {Fork.CANCUN, Fork.PRAGUE, Fork.PRAGUE, Fork.OSAKA, Fork.OSAKA};
    /// Those that another implementation reads as this one does; Constantinople's own net metering the state tests have.
    private static final Fork[] FORKS = Arrays.stream(Fork.values()).filter(fork -> fork != Fork.CONSTANTINOPLE).toArray(Fork[]::new);

    private final SplittableRandom random;
    private final Fork fork;
    private final long[] nonces = new long[KEYS];

    private TransactionGenerator(long seed) {
        random = new SplittableRandom(seed);
        fork = random.nextInt(10) < 7 ? LATE[random.nextInt(LATE.length)] : FORKS[random.nextInt(FORKS.length)];
    }

    /// {@return a line: fork, block, state, and the signed transactions}
    static String line(long seed) {
        return new TransactionGenerator(seed).line();
    }

    private static String[] signers() {
        String[] all = new String[KEYS];
        try (Arena arena = Arena.ofConfined()) {
            SignerRecovery recovery = new SignerRecovery(arena.allocate(SignerRecovery.WORKSPACE_BYTES, Long.BYTES), 0);
            for (int i = 0; i < KEYS; i++) {
                long[] w = new long[3 * Word.LONGS];
                Word.set(w, 4, BASE_X);
                Word.set(w, 8, BASE_X.multiply(BigInteger.valueOf(i + 1)).mod(ORDER));
                recovery.address(w, 0, 4, 8, false, w, 0);
                all[i] = Hex.address(w, 0);
            }
        }
        return all;
    }

    private String line() {
        List<String> accounts = new ArrayList<>();
        for (int i = 0; i < KEYS; i++) {
            nonces[i] = random.nextInt(3);
            byte[] code = fork.atLeast(Fork.PRAGUE) && random.nextInt(4) == 0 ? designator() : new byte[0];
            nonces[i] += code.length > 0 ? 1 : 0;
            accounts.add(account(SIGNERS[i], random.nextInt(6) == 0 ? random.nextInt(2_000_000) : 1L << 50, nonces[i], code));
        }
        for (int i = 0; i < ProgramGenerator.CONTRACTS; i++) {
            boolean delegates = fork.atLeast(Fork.PRAGUE) && random.nextInt(6) == 0;
            accounts.add(account(address(ProgramGenerator.FIRST + i), random.nextInt(3) == 0 ? 0 : 1_000_000, 1,
                    delegates ? designator() : ProgramGenerator.code(random.nextLong(), fork)));
        }
        if (random.nextBoolean()) {
            accounts.add(account(address(0x1000), 5, 1, fork.atLeast(Fork.PRAGUE) ? designator() : new byte[0]));
        }
        if (random.nextInt(3) == 0 && fork.atLeast(Fork.SPURIOUS_DRAGON)) {
            accounts.add(account(address(0xdead00), 1, 0, new byte[0]));
        }
        StringBuilder signed = new StringBuilder();
        for (int i = random.nextInt(1, 5); i > 0; i--) {
            signed.append(signed.isEmpty() ? "" : ",").append('"').append("0x").append(HexFormat.of().formatHex(transaction())).append('"');
        }
        return "{\"fork\":\"" + fork.name().toLowerCase(java.util.Locale.ROOT).replace("_", "")
                + "\",\"env\":{\"number\":1000,\"timestamp\":1700000000,\"gasLimit\":30000000,\"coinbase\":\"" + address(0xc0ffeeL)
                + "\",\"prevRandao\":\"0x" + "ab".repeat(32) + "\",\"baseFee\":7,\"chainId\":1,\"blobBaseFee\":1},\"pre\":{"
                + String.join(",", accounts) + "},\"transactions\":[" + signed + "]}";
    }

    private String account(String address, long balance, long nonce, byte[] code) {
        StringBuilder slots = new StringBuilder();
        for (int key = 0; code.length > 23 && key < 3; key++) {
            if (random.nextBoolean()) {
                slots.append(slots.isEmpty() ? "" : ",").append(String.format("\"0x%064x\":\"0x%064x\"", key, random.nextInt(1, 5)));
            }
        }
        return "\"" + address + "\":{\"balance\":\"0x" + Long.toHexString(balance) + "\",\"nonce\":\"0x" + Long.toHexString(nonce)
                + "\",\"code\":\"0x" + HexFormat.of().formatHex(code) + "\",\"storage\":{" + slots + "}}";
    }

    private static String address(long number) {
        return String.format("0x%040x", number);
    }

    /// An account that runs the code of a contract, of a precompile, of one that delegates, or of nobody.
    private byte[] designator() {
        return joined(new byte[] {(byte) 0xef, 1, 0}, someone());
    }

    private byte[] someone() {
        String address = switch (random.nextInt(12)) {
            case 0, 1 -> SIGNERS[random.nextInt(KEYS)];
            case 2 -> address(0x1000);
            case 3 -> address(random.nextInt(3) * 2L);
            case 4 -> address(0xdead00 + random.nextInt(3));
            case 5 -> address(0xc0ffee);
            default -> address(ProgramGenerator.FIRST + random.nextInt(ProgramGenerator.CONTRACTS));
        };
        return Hex.bytes(address);
    }

    // --- transactions -----------------------------------------------------------------------------------------------

    private byte[] transaction() {
        int sender = random.nextInt(KEYS);
        int types = fork.atLeast(Fork.PRAGUE) ? 5 : fork.atLeast(Fork.CANCUN) ? 4 : fork.atLeast(Fork.LONDON) ? 3 : fork.atLeast(Fork.BERLIN) ? 2 : 1;
        int type = types == 5 && random.nextInt(3) == 0 ? 4 : random.nextInt(types);
        boolean creates = random.nextInt(5) == 0 && (type < 3 || random.nextInt(10) == 0);
        byte[] data = creates ? ProgramGenerator.initcode(random.nextLong(), fork) : data();
        List<byte[]> fields = new ArrayList<>();
        if (type > 0) {
            fields.add(number(1));
        }
        long nonce = nonces[sender] + (random.nextInt(16) == 0 ? random.nextInt(3) - 1 : 0);
        fields.add(number(Math.max(nonce, 0)));
        long most = random.nextInt(16) == 0 ? random.nextInt(8) : random.nextInt(7, 20);
        if (type > 1) {
            fields.add(number(random.nextInt(16) == 0 ? most + 1 : random.nextLong(most + 1)));
        }
        fields.add(number(most));
        fields.add(number(gas(data, creates)));
        fields.add(Rlp.bytes(creates ? new byte[0] : someone()));
        fields.add(number(random.nextInt(4) == 0 ? random.nextInt(1000) : 0));
        fields.add(Rlp.bytes(data));
        if (type > 0) {
            fields.add(accesses());
        }
        if (type == 3) {
            fields.add(number(random.nextInt(12) == 0 ? 0 : random.nextInt(1, 5)));
            fields.add(blobs());
        }
        if (type == 4) {
            fields.add(authorizations(sender));
        }
        nonces[sender] += nonce == nonces[sender] ? 1 : 0;                  // if it is valid; where not, later ones are not, either
        return signed(type, fields, sender);
    }

    private long gas(byte[] data, boolean creates) {
        long least = 21_000 + (creates ? 32_000 : 0) + 40L * data.length;
        return switch (random.nextInt(24)) {
            case 0 -> random.nextInt(20_000, 60_000);
            case 1 -> 21_000 + (creates ? 32_000 : 0) + random.nextInt(10, 41) * (long) data.length;
            case 2 -> (1 << 24) + random.nextInt(2);
            case 3 -> 30_000_000 + random.nextInt(2);
            default -> least + (long) Math.exp(random.nextDouble(Math.log(5_000), Math.log(3_000_000)));
        };
    }

    private byte[] data() {
        byte[] data = new byte[random.nextInt(3) == 0 ? 0 : random.nextInt(5) == 0 ? random.nextInt(3000) : random.nextInt(100)];
        boolean zeros = random.nextBoolean();
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (zeros && random.nextBoolean() ? 0 : random.nextInt(256));
        }
        return data;
    }

    private byte[] accesses() {
        byte[][] entries = new byte[random.nextInt(2) * random.nextInt(4)][];
        for (int i = 0; i < entries.length; i++) {
            byte[][] keys = new byte[random.nextInt(4)][];
            for (int j = 0; j < keys.length; j++) {
                keys[j] = Rlp.bytes(word(BigInteger.valueOf(random.nextInt(5))));
            }
            entries[i] = Rlp.list(Rlp.bytes(someone()), Rlp.list(keys));
        }
        return Rlp.list(entries);
    }

    private byte[] blobs() {
        byte[][] hashes = new byte[random.nextInt(12) == 0 ? random.nextInt(2) * 9 : random.nextInt(1, 5)][];
        for (int i = 0; i < hashes.length; i++) {
            hashes[i] = Rlp.bytes(word(BigInteger.valueOf(random.nextInt(30) == 0 ? 2 : 1).shiftLeft(248).add(BigInteger.valueOf(i))));
        }
        return Rlp.list(hashes);
    }

    private byte[] authorizations(int sender) {
        byte[][] entries = new byte[random.nextInt(16) == 0 ? 0 : random.nextInt(1, 4)][];
        long[] ahead = nonces.clone();
        ahead[sender]++;
        for (int i = 0; i < entries.length; i++) {
            int signer = random.nextInt(KEYS);
            byte[] chain = number(random.nextInt(10) == 0 ? 2 : random.nextInt(2));
            byte[] to = Rlp.bytes(random.nextInt(8) == 0 ? new byte[20] : someone());
            boolean right = random.nextInt(8) != 0;
            byte[] nonce = number(right ? ahead[signer] : ahead[signer] + 1);
            Signature signature = sign(joined(new byte[] {5}, Rlp.list(chain, to, nonce)), signer);
            boolean high = random.nextInt(16) == 0;
            int parity = (signature.odd() != high ? 1 : 0) + (random.nextInt(20) == 0 ? 1 : 0);
            entries[i] = Rlp.list(chain, to, nonce, number(parity), Rlp.number(BASE_X), Rlp.number(high ? ORDER.subtract(signature.s()) : signature.s()));
            if (right && random.nextInt(4) != 0) {
                ahead[signer]++;                                            // mostly so; who is another one's code changes nothing
            }
        }
        for (int i = 0; i < KEYS; i++) {
            nonces[i] = i == sender ? ahead[i] - 1 : ahead[i];
        }
        return Rlp.list(entries);
    }

    // --- signing ----------------------------------------------------------------------------------------------------

    private record Signature(BigInteger s, boolean odd) {}

    /// With the nonce 1: r is the base point's x, whose y is even, and s = e + r key.
    private static Signature sign(byte[] what, int key) {
        BigInteger s = new BigInteger(1, Keccak.hash(what)).add(BASE_X.multiply(BigInteger.valueOf(key + 1L))).mod(ORDER);
        boolean high = s.compareTo(ORDER.shiftRight(1)) > 0;
        return new Signature(high ? ORDER.subtract(s) : s, high);
    }

    private byte[] signed(int type, List<byte[]> fields, int sender) {
        List<byte[]> all = new ArrayList<>(fields);
        boolean names = type == 0 && fork.atLeast(Fork.SPURIOUS_DRAGON) && random.nextBoolean();
        if (names) {
            all.addAll(List.of(number(1), number(0), number(0)));           // EIP-155
        }
        byte[] head = type == 0 ? new byte[0] : new byte[] {(byte) type};
        Signature signature = sign(joined(head, Rlp.list(all.toArray(new byte[0][]))), sender);
        all = new ArrayList<>(fields);
        all.add(number((type > 0 ? 0 : names ? 37 : 27) + (signature.odd() ? 1 : 0)));
        all.add(Rlp.number(BASE_X));
        all.add(Rlp.number(signature.s()));
        return joined(head, Rlp.list(all.toArray(new byte[0][])));
    }

    private static byte[] number(long value) {
        return Rlp.number(BigInteger.valueOf(value));
    }

    private static byte[] word(BigInteger value) {
        byte[] out = new byte[Word.BYTES];
        byte[] raw = value.toByteArray();
        System.arraycopy(raw, 0, out, out.length - raw.length, raw.length);
        return out;
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
