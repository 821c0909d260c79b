package dev.coffer.evm.vectors;

import dev.coffer.evm.Precompiles;
import dev.coffer.evm.Transaction;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// The transaction of a state test: lists of data, gas limits and values, of which a case takes one each.
final class StateTestTransaction {
    private static final BigInteger ORDER = new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);
    private static final BigInteger BASE_X = new BigInteger("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", 16);
    private static final int EVEN = 27;             // the base point's other coordinate is
    private static final int EC_RECOVER = 1;

    private final Map<String, Object> members;
    private final Precompiles precompiles;

    /// @param precompiles  asked for ecRecover where a file names no sender but its key
    StateTestTransaction(Map<String, Object> members, Precompiles precompiles) {
        this.members = members;
        this.precompiles = precompiles;
    }

    boolean hasAuthorizations() {
        return members.containsKey("authorizationList");
    }

    /// {@return the transaction of one case, anew}
    ///
    /// @throws IllegalArgumentException  a number that does not fit, as those have that no transaction can be written with
    Transaction at(int data, int gas, int value) {
        List<?> accesses = accesses(data);
        List<?> blobs = list("blobVersionedHashes");
        Transaction t = new Transaction(places(accesses), blobs.size());
        long[] w = new long[2 * Word.LONGS];
        sender(w);
        t.sender(w, 0);
        Hex.word(entry("value", value), w, 0);
        t.value(w, 0).nonce(Hex.number(members.get("nonce")));
        t.gas(Hex.number(entry("gasLimit", gas)));
        byte[] bytes = Hex.bytes(entry("data", data));
        t.data(MemorySegment.ofArray(bytes), 0, bytes.length);
        String to = (String) members.getOrDefault("to", "");
        if (to.isEmpty() || to.equals("0x")) {
            t.create();
        } else {
            Hex.word(to, w, 0);
            t.to(w, 0);
        }
        fees(t, w);
        fill(t, accesses, blobs, w);
        return t.type(type(data));
    }

    private int type(int data) {
        return members.containsKey("maxFeePerBlobGas") || members.containsKey("blobVersionedHashes") ? Transaction.BLOBS
                : members.containsKey("maxFeePerGas") ? Transaction.DYNAMIC_FEE
                        : list("accessLists").size() > data && list("accessLists").get(data) != null ? Transaction.ACCESS_LIST
                                : Transaction.LEGACY;
    }

    private void fees(Transaction t, long[] w) {
        if (members.containsKey("maxFeePerGas")) {
            Hex.word((String) members.get("maxFeePerGas"), w, 0);
            Hex.word((String) members.getOrDefault("maxPriorityFeePerGas", "0x0"), w, 4);
            t.fees(w, 0, 4);
        } else {
            Hex.word((String) members.get("gasPrice"), w, 0);
            t.gasPrice(w, 0);
        }
        if (members.containsKey("maxFeePerBlobGas")) {
            Hex.word((String) members.get("maxFeePerBlobGas"), w, 0);
            t.blobFee(w, 0);
        }
    }

    private static void fill(Transaction t, List<?> accesses, List<?> blobs, long[] w) {
        for (Object one : accesses) {
            Map<?, ?> entry = (Map<?, ?>) one;
            Hex.word((String) entry.get("address"), w, 0);
            t.access(w, 0);
            for (Object key : (List<?>) entry.get("storageKeys")) {
                Hex.word((String) key, w, 0);
                t.accessKey(w, 0);
            }
        }
        for (Object hash : blobs) {
            Hex.word((String) hash, w, 0);
            t.blob(w, 0);
        }
    }

    private List<?> accesses(int data) {
        List<?> lists = list("accessLists");
        Object list = data < lists.size() ? lists.get(data) : null;
        return list == null ? List.of() : (List<?>) list;
    }

    private static int places(List<?> accesses) {
        int places = accesses.size();
        for (Object one : accesses) {
            places += ((List<?>) ((Map<?, ?>) one).get("storageKeys")).size();
        }
        return places;
    }

    private List<?> list(String name) {
        Object list = members.get(name);
        return list == null ? List.of() : (List<?>) list;
    }

    private String entry(String name, int index) {
        List<?> entries = list(name);
        if (index < 0 || index >= entries.size()) {
            throw new IllegalArgumentException("transaction: no " + name + " " + index + " of " + entries.size());
        }
        String text = (String) entries.get(index);
        return text.startsWith("0x:bigint ") ? text.substring("0x:bigint ".length()) : text;
    }

    // --- the sender -------------------------------------------------------------------------------------------------

    private void sender(long[] w) {
        if (members.containsKey("sender")) {
            Hex.word((String) members.get("sender"), w, 0);
        } else {
            address(new BigInteger(1, Hex.bytes((String) members.get("secretKey"))), w);
        }
    }

    /// The address of a key of a fixture, by recovery: a signature whose point is the base point G, for a digest of zeros, is that of the key k where
    /// s = r k, since what is recovered is r^-1 (s G - 0 G).
    private void address(BigInteger key, long[] w) {
        if (precompiles == null || !precompiles.has(EC_RECOVER, Fork.FRONTIER)) {
            throw new IllegalArgumentException("transaction: a key for a sender, and no ecRecover");
        }
        byte[] input = new byte[4 * Word.BYTES];
        input[2 * Word.BYTES - 1] = EVEN;
        put(BASE_X, input, 3 * Word.BYTES);
        put(BASE_X.multiply(key).mod(ORDER), input, 4 * Word.BYTES);
        byte[] output = new byte[Word.BYTES];
        precompiles.run(EC_RECOVER, Fork.FRONTIER, MemorySegment.ofArray(input), 0, input.length, MemorySegment.ofArray(output), 0);
        Word.load(MemorySegment.ofArray(output), 0, w, 0);
    }

    private static void put(BigInteger number, byte[] to, int end) {
        byte[] raw = number.toByteArray();
        byte[] bytes = raw.length > Word.BYTES ? Arrays.copyOfRange(raw, 1, raw.length) : raw;
        System.arraycopy(bytes, 0, to, end - bytes.length, bytes.length);
    }
}
