package dev.coffer.evm;

import dev.coffer.evm.word.Word;
import dev.coffer.memory.MemoryPlan;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// A transaction whose sender is known: [TransactionReader] finds it in the bytes of a signed one, or who knows it hands it in (Yellow Paper, section 4.3;
/// EIP-2718, EIP-2930, EIP-1559, EIP-4844, EIP-7702). Mutable and reusable, so that executing one makes no object; what is listed has a fixed number of places. Belongs to one thread.
///
/// Unsaid, it is a legacy transaction of nobody that calls address 0 with nothing.
public final class Transaction {
    /// Gas has one price.
    public static final int LEGACY = 0;
    /// With a list of what it will look at (EIP-2930).
    public static final int ACCESS_LIST = 1;
    /// With a base fee and a tip (EIP-1559).
    public static final int DYNAMIC_FEE = 2;
    /// With blobs (EIP-4844).
    public static final int BLOBS = 3;
    /// With authorizations, which let accounts run the code of others (EIP-7702).
    public static final int SET_CODE = 4;

    // Words, by the index of their first long.
    static final int SENDER = 0;
    static final int TO = 4;
    static final int VALUE = 8;
    static final int FEE_MAX = 12;
    static final int TIP_MAX = 16;
    static final int BLOB_FEE_MAX = 20;

    // Of an authorization, by the index of their first long.
    static final int AUTHORIZED_CHAIN = 0;
    static final int AUTHORIZED_ADDRESS = 4;
    static final int AUTHORIZED_R = 8;
    static final int AUTHORIZED_S = 12;
    static final int AUTHORIZATION_LONGS = 16;

    final long[] words = new long[BLOB_FEE_MAX + 4];
    int type;
    long nonce;
    long gas;
    boolean isCreate;
    MemorySegment data = MemorySegment.NULL;
    long dataAt;
    long dataLength;
    final long[] accesses;          // addresses and keys, a word each
    final boolean[] accessIsKey;    // of the address before it
    int accessCount;
    int accessKeys;
    final long[] blobs;
    int blobCount;
    final long[] authorizations;    // chain, address, r and s of each
    final long[] authorizationNonces;
    final int[] authorizationParities;
    int authorizationCount;

    /// Addresses and keys of an access list, unless another number is asked for.
    public static final int ACCESSES = 1024;
    /// Blobs, the same.
    public static final int BLOBS_MAX = 32;
    /// Authorizations, the same.
    public static final int AUTHORIZATIONS = 64;

    private static final long OBJECT_BYTES = 104;   // header, numbers, references

    /// With places for 1,024 addresses and keys of its access list, for 32 blobs, and for 64 authorizations.
    public Transaction() {
        this(ACCESSES, BLOBS_MAX, AUTHORIZATIONS);
    }

    /// {@return what a transaction of the usual size holds}
    public static MemoryPlan plan() {
        return plan(ACCESSES, BLOBS_MAX, AUTHORIZATIONS);
    }

    /// @param accessMax          addresses and keys of the access list together, 0 or more; 33 heap bytes each
    /// @param blobsMax           blobs, 0 or more; 32 heap bytes each
    /// @param authorizationsMax  authorizations, 0 or more; 140 heap bytes each
    /// @throws IllegalArgumentException  a negative number, or one above 2^24 (caller's fault)
    public Transaction(int accessMax, int blobsMax, int authorizationsMax) {
        check(accessMax, blobsMax, authorizationsMax);
        authorizations = new long[AUTHORIZATION_LONGS * authorizationsMax];
        authorizationNonces = new long[authorizationsMax];
        authorizationParities = new int[authorizationsMax];
        accesses = new long[Word.LONGS * accessMax];
        accessIsKey = new boolean[accessMax];
        blobs = new long[Word.LONGS * blobsMax];
    }

    private static void check(int accessMax, int blobsMax, int authorizationsMax) {
        if (Math.min(Math.min(accessMax, blobsMax), authorizationsMax) < 0
                || Math.max(Math.max(accessMax, blobsMax), authorizationsMax) > 1 << 24) {
            throw new IllegalArgumentException("transaction: " + accessMax + " accesses, " + blobsMax + " blobs, " + authorizationsMax
                    + " authorizations (expected 0..2^24 each)");
        }
    }

    /// {@return what a transaction with so many places holds}
    ///
    /// @throws IllegalArgumentException  as the constructor (caller's fault)
    public static MemoryPlan plan(int accessMax, int blobsMax, int authorizationsMax) {
        check(accessMax, blobsMax, authorizationsMax);
        long heap = OBJECT_BYTES + WorldStateConfig.heapBytes(8L * (BLOB_FEE_MAX + Word.LONGS)) + WorldStateConfig.heapBytes(8L * Word.LONGS * accessMax)
                + WorldStateConfig.heapBytes(accessMax) + WorldStateConfig.heapBytes(8L * Word.LONGS * blobsMax)
                + WorldStateConfig.heapBytes(8L * AUTHORIZATION_LONGS * authorizationsMax) + WorldStateConfig.heapBytes(8L * authorizationsMax)
                + WorldStateConfig.heapBytes(4L * authorizationsMax);
        return MemoryPlan.block("transaction", 0, 1, accessMax + " accesses, " + blobsMax + " blobs, " + authorizationsMax + " authorizations").withHeap(heap);
    }

    /// Makes it what it was when it was new.
    public Transaction clear() {
        java.util.Arrays.fill(words, 0);
        type = LEGACY;
        nonce = 0;
        gas = 0;
        isCreate = false;
        data = MemorySegment.NULL;
        dataAt = 0;
        dataLength = 0;
        accessCount = 0;
        accessKeys = 0;
        blobCount = 0;
        authorizationCount = 0;
        return this;
    }

    /// Sets the type (EIP-2718). Any number may be set: the executor refuses what its fork does not know.
    public Transaction type(int number) {
        type = number;
        return this;
    }

    /// Sets who signed it.
    public Transaction sender(long[] s, int a) {
        Word.copy(s, a, words, SENDER);
        return this;
    }

    /// Sets the account that is called.
    public Transaction to(long[] s, int a) {
        Word.copy(s, a, words, TO);
        isCreate = false;
        return this;
    }

    /// Makes this a creation: the data are initcode.
    public Transaction create() {
        isCreate = true;
        return this;
    }

    /// Sets the value, in wei.
    public Transaction value(long[] s, int a) {
        Word.copy(s, a, words, VALUE);
        return this;
    }

    /// Sets how many transactions the sender has sent before, unsigned.
    public Transaction nonce(long number) {
        nonce = number;
        return this;
    }

    /// Sets the most gas that it may use.
    ///
    /// @throws IllegalArgumentException  below 0 (caller's fault)
    public Transaction gas(long units) {
        if (units < 0) {
            throw new IllegalArgumentException("gas " + units + " (expected 0 or more)");
        }
        gas = units;
        return this;
    }

    /// Sets the one price of types 0 and 1, wei a unit of gas.
    public Transaction gasPrice(long[] s, int a) {
        Word.copy(s, a, words, FEE_MAX);
        Word.copy(s, a, words, TIP_MAX);
        return this;
    }

    /// Sets the two prices of type 2 and later, wei a unit of gas: the most in all, and the most for the block's author.
    public Transaction fees(long[] s, int most, int tip) {
        Word.copy(s, most, words, FEE_MAX);
        Word.copy(s, tip, words, TIP_MAX);
        return this;
    }

    /// Sets the most that is paid for a unit of blob gas, wei.
    public Transaction blobFee(long[] s, int most) {
        Word.copy(s, most, words, BLOB_FEE_MAX);
        return this;
    }

    /// Sets the data, which are borrowed until it has been executed.
    ///
    /// @throws IndexOutOfBoundsException  the bytes do not lie in the segment (caller's fault)
    public Transaction data(MemorySegment segment, long at, long length) {
        Objects.checkFromIndexSize(at, length, segment.byteSize());
        data = segment;
        dataAt = at;
        dataLength = length;
        return this;
    }

    /// Appends an address to the access list.
    ///
    /// @return false where it has no place; nothing changes
    public boolean access(long[] s, int address) {
        return append(s, address, false);
    }

    /// Appends a key of the address last appended to the access list.
    ///
    /// @return false where it has no place; nothing changes
    /// @throws IllegalStateException  there is no address yet (caller's fault)
    public boolean accessKey(long[] k, int key) {
        if (accessCount == 0) {
            throw new IllegalStateException("transaction: a key before the first address of its access list");
        }
        return append(k, key, true);
    }

    private boolean append(long[] s, int a, boolean isKey) {
        if (accessCount == accessIsKey.length) {
            return false;
        }
        Word.copy(s, a, accesses, Word.LONGS * accessCount);
        accessIsKey[accessCount++] = isKey;
        accessKeys += isKey ? 1 : 0;
        return true;
    }

    /// Appends the versioned hash of a blob.
    ///
    /// @return false where it has no place; nothing changes
    public boolean blob(long[] s, int hash) {
        if (Word.LONGS * blobCount == blobs.length) {
            return false;
        }
        Word.copy(s, hash, blobs, Word.LONGS * blobCount++);
        return true;
    }

    /// Appends an authorization (EIP-7702). Whether it is valid is found out when the transaction is executed: one that is not is passed over then.
    ///
    /// @param chain    index of the chain that it is for in `a`, 0 for all
    /// @param address  index of the account whose code is to run; 0 takes a delegation away
    /// @param nonce    of the account that signed, unsigned
    /// @param yParity  of the signature, 0..255
    /// @param r        index of the signature's r
    /// @param s        index of its s
    /// @return false where it has no place; nothing changes
    /// @throws IllegalArgumentException  a parity out of its range, of which no transaction can be written (caller's fault)
    public boolean authorization(long[] a, int chain, int address, long nonce, int yParity, int r, int s) {
        if (yParity < 0 || yParity > 255) {
            throw new IllegalArgumentException("authorization: y parity " + yParity + " (expected 0..255, EIP-7702)");
        }
        if (authorizationCount == authorizationNonces.length) {
            return false;
        }
        int at = AUTHORIZATION_LONGS * authorizationCount;
        Word.copy(a, chain, authorizations, at + AUTHORIZED_CHAIN);
        Word.copy(a, address, authorizations, at + AUTHORIZED_ADDRESS);
        Word.copy(a, r, authorizations, at + AUTHORIZED_R);
        Word.copy(a, s, authorizations, at + AUTHORIZED_S);
        authorizationNonces[authorizationCount] = nonce;
        authorizationParities[authorizationCount++] = yParity;
        return true;
    }

    @Override
    public String toString() {
        return "Transaction[type " + type + ", nonce " + Long.toUnsignedString(nonce) + ", gas " + gas + ", " + dataLength + " bytes of data"
                + (isCreate ? ", creates" : "") + "]";
    }
}
