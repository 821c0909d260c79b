package dev.coffer.evm.vectors;

import dev.coffer.evm.SignerRecovery;
import dev.coffer.evm.Transaction;
import dev.coffer.evm.word.Word;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/// The transaction of a state test: lists of data, gas limits and values, of which a case takes one each. A member that is `null` is one that is not there.
final class StateTestTransaction {
    private static final BigInteger ORDER = new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);
    private static final BigInteger BASE_X = new BigInteger("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", 16);

    private static final String BIG = "0x:bigint ";                        // before a number that may have more than 256 bits

    private final Map<String, Object> members;

    StateTestTransaction(Map<String, Object> members) {
        this.members = members;
    }

    /// {@return the transaction of one case, anew}
    ///
    /// @throws IllegalArgumentException  a number that does not fit, as those have that no transaction can be written with
    Transaction at(int data, int gas, int value) {
        List<?> accesses = accesses(data);
        List<?> blobs = list("blobVersionedHashes");
        List<?> authorizations = list("authorizationList");
        Transaction t = new Transaction(places(accesses), blobs.size(), authorizations.size());
        long[] w = new long[4 * Word.LONGS];
        sender(w);
        t.sender(w, 0);
        Hex.quantity(entry("value", value), w, 0);
        t.value(w, 0).nonce(Hex.number(members.get("nonce")));
        t.gas(Hex.number(entry("gasLimit", gas)));
        byte[] bytes = Hex.bytes((String) entry("data", data));
        t.data(MemorySegment.ofArray(bytes), 0, bytes.length);
        String to = (String) members.get("to");
        if (to == null || to.isEmpty() || to.equals("0x")) {
            t.create();
        } else {
            Hex.word(to, w, 0);
            t.to(w, 0);
        }
        fees(t, w);
        fill(t, accesses, blobs, w);
        for (Object one : authorizations) {
            authorize(t, (Map<?, ?>) one, w);
        }
        return t.type(type(data));
    }

    /// @throws IllegalArgumentException  a number that does not fit
    private static void authorize(Transaction t, Map<?, ?> one, long[] w) {
        Hex.quantity(one.get("chainId"), w, 0);
        Hex.word((String) one.get("address"), w, 4);
        Hex.quantity(one.get("r"), w, 8);
        Hex.quantity(one.get("s"), w, 12);
        long parity = Hex.number(one.get("yParity") == null ? one.get("v") : one.get("yParity"));
        if (parity < 0 || parity > 255) {
            throw new IllegalArgumentException("y parity " + Long.toUnsignedString(parity));
        }
        t.authorization(w, 0, 4, Hex.number(one.get("nonce")), (int) parity, 8, 12);
    }

    private int type(int data) {
        return has("authorizationList") ? Transaction.SET_CODE
                : has("maxFeePerBlobGas") || has("blobVersionedHashes") ? Transaction.BLOBS
                        : has("maxFeePerGas") ? Transaction.DYNAMIC_FEE
                                : list("accessLists").size() > data && list("accessLists").get(data) != null ? Transaction.ACCESS_LIST
                                        : Transaction.LEGACY;
    }

    private boolean has(String name) {
        return members.get(name) != null;
    }

    private void fees(Transaction t, long[] w) {
        if (has("maxFeePerGas")) {
            Hex.quantity(members.get("maxFeePerGas"), w, 0);
            Hex.quantity(has("maxPriorityFeePerGas") ? members.get("maxPriorityFeePerGas") : 0L, w, 4);
            t.fees(w, 0, 4);
        } else {
            Hex.quantity(members.get("gasPrice"), w, 0);
            t.gasPrice(w, 0);
        }
        if (has("maxFeePerBlobGas")) {
            Hex.quantity(members.get("maxFeePerBlobGas"), w, 0);
            t.blobFee(w, 0);
        }
    }

    private static void fill(Transaction t, List<?> accesses, List<?> blobs, long[] w) {
        for (Object one : accesses) {
            Map<?, ?> entry = (Map<?, ?>) one;
            Hex.word((String) entry.get("address"), w, 0);
            t.access(w, 0);
            for (Object key : keys(entry)) {
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
            places += keys((Map<?, ?>) one).size();
        }
        return places;
    }

    private static List<?> keys(Map<?, ?> access) {
        return access.get("storageKeys") == null ? List.of() : (List<?>) access.get("storageKeys");
    }

    private List<?> list(String name) {
        Object list = members.get(name);
        return list == null ? List.of() : (List<?>) list;
    }

    private Object entry(String name, int index) {
        List<?> entries = list(name);
        if (index < 0 || index >= entries.size()) {
            throw new IllegalArgumentException("transaction: no " + name + " " + index + " of " + entries.size());
        }
        Object entry = entries.get(index);
        return entry instanceof String text && text.startsWith(BIG) ? text.substring(BIG.length()) : entry;
    }

    // --- the sender -------------------------------------------------------------------------------------------------

    /// Writes who sends it: said, or by its key.
    void sender(long[] w) {
        if (has("sender")) {
            Hex.word((String) members.get("sender"), w, 0);
        } else {
            address(new BigInteger(1, Hex.bytes((String) members.get("secretKey"))), w);
        }
    }

    /// The address of a key of a fixture, by recovery: a signature whose point is the base point G, for a digest of zeros, is that of the key k where
    /// s = r k, since what is recovered is r^-1 (s G - 0 G).
    private void address(BigInteger key, long[] w) {
        Word.set(w, 0, 0);
        Word.set(w, 4, BASE_X);
        Word.set(w, 8, BASE_X.multiply(key).mod(ORDER));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment room = arena.allocate(SignerRecovery.WORKSPACE_BYTES, Long.BYTES);
            if (!new SignerRecovery(room, 0).address(w, 0, 4, 8, false, w, 0)) {   // the base point's y is even
                throw new IllegalArgumentException("transaction: a key that is none");
            }
        }
    }
}
