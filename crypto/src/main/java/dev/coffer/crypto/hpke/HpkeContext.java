package dev.coffer.crypto.hpke;

import dev.coffer.crypto.AeadKey;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What both sides of HPKE have: a context in the caller's memory, from which secrets are exported (RFC 9180, sections 5.1 and 5.3).
///
/// The object is a finger on a context of [HpkeSuite#contextBytes]: `at` points it to another one, so one object serves all contexts of
/// a loop that were set up by its like. All there is to know of a context lies there; zeros are none. A context is set up in a free
/// place only, so whoever means to end one wipes it. The workspace, [HpkeSuite#workspaceBytes], is zero between calls.
///
/// Context and workspace lie off the heap, apart from each other and from all inputs and outputs, at any alignment. For one thread at a
/// time, object, context and workspace. 0 heap bytes. Errors are those of [dev.coffer.crypto.Kem]: [IndexOutOfBoundsException] for a range
/// that does not lie in its segment, [IllegalArgumentException] for ranges that overlap as they must not, read-only outputs and secrets on
/// the heap, [IllegalStateException] for a place without a context or with another's, [NullPointerException] for a mode without its key; all
/// are the caller's fault, and nothing was written.
public abstract sealed class HpkeContext implements AutoCloseable permits HpkeSender, HpkeReceiver {
    /// Bytes of the shortest pre-shared key (RFC 9180, section 9.5); it has to have as much entropy.
    public static final int PSK_BYTES_MIN = 32;

    // Two bits: whether there is a pre-shared key, whether there is one of the sender's (section 5, table 1).
    static final byte MODE_BASE = 0;
    static final byte MODE_PSK = 1;
    static final byte MODE_AUTH = 2;
    static final byte MODE_AUTH_PSK = 3;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final long MARK = 0x6870L << 48;  // "hp"; below it KEM, KDF, AEAD and side

    final HpkeSuite suite;
    final MemorySegment workspace;
    final long workspaceAt;
    final @Nullable AeadKey key;  // null for export-only
    private final String name;
    private final long mark;
    MemorySegment place = MemorySegment.NULL;  // `NULL` until [#at]
    long placeAt;

    HpkeContext(HpkeSuite suite, String side, int sideNumber, MemorySegment workspace, long workspaceAt) {
        this.suite = suite;
        this.name = side;
        this.mark = MARK | (long) suite.kem().id() << 32 | (long) suite.kdf().id() << 24 | (suite.aead().id() & 0xffL) << 16 | sideNumber;
        Ranges.checkWorkspace(side, workspace, workspaceAt, suite.workspaceBytes());
        this.workspace = workspace;
        this.workspaceAt = workspaceAt;
        this.key = suite.aead().aead() == null ? null
                : new AeadKey(suite.aead().aead(), workspace, workspaceAt + suite.operation);
    }

    void point(MemorySegment memory, long at) {
        Ranges.checkWorkspace(name, memory, at, suite.contextBytes());
        Ranges.apart(name, memory, at, suite.contextBytes(), workspace, workspaceAt, suite.workspaceBytes());
        if (key != null) {
            key.at(memory, at + suite.aeadKey);
        }
        place = memory;
        placeAt = at;
    }

    /// {@return the suite}
    public final HpkeSuite suite() {
        return suite;
    }

    /// {@return whether there is a context of this suite and side}
    public final boolean isReady() {
        return place.byteSize() != 0 && place.get(LONG, placeAt + HpkeSuite.MARK) == mark;
    }

    /// {@return the number of the next message, from 0; which is how many were sealed, or opened}
    ///
    /// @throws IllegalStateException  no context (caller's fault)
    public final long sequence() {
        checkReady();
        return place.get(LONG, placeAt + HpkeSuite.SEQUENCE);
    }

    final void sequence(long next) {
        place.set(LONG, placeAt + HpkeSuite.SEQUENCE, next);
    }

    final void checkReady() {
        if (!isReady()) {
            throw new IllegalStateException(name + ": no context, or one of another suite or side (expected setup first)");
        }
    }

    final void checkFree() {
        if (place.byteSize() == 0) {
            throw new IllegalStateException(name + ": no place (expected at() first)");
        }
        if (place.get(LONG, placeAt + HpkeSuite.MARK) != 0 || key != null && key.isLoaded()) {
            throw new IllegalStateException(name + ": the place holds a context (expected one that is wiped first)");
        }
    }

    /// {@return the key}
    final AeadKey checkSeals() {
        checkReady();
        if (key == null) {
            throw new IllegalStateException(name + ": the suite exports only (expected one with an AEAD)");
        }
        return key;
    }

    /// Refuses a range that lies in the context or the workspace.
    final void checkApart(MemorySegment segment, long at, long length) {
        Ranges.check(name, segment, at, length);
        Ranges.apart(name, segment, at, length, place, placeAt, suite.contextBytes());
        Ranges.apart(name, segment, at, length, workspace, workspaceAt, suite.workspaceBytes());
    }

    /// Refuses a mode without what it is named for: a key that was not found is not a weaker mode (VerifyPSKInputs, section 5.1).
    static void checkMode(byte mode, @Nullable MemorySegment senderKey, @Nullable MemorySegment psk,
            @Nullable MemorySegment pskId) {
        if ((mode & MODE_AUTH) != 0) {
            Objects.requireNonNull(senderKey, "the sender's key");
        }
        if ((mode & MODE_PSK) != 0) {
            Objects.requireNonNull(psk, "pre-shared key");
            Objects.requireNonNull(pskId, "id of the pre-shared key");
        }
    }

    /// Refuses inputs of the key schedule, with a pre-shared key or (both null) without.
    final void checkInfo(@Nullable MemorySegment psk, long pskAt, long pskLength, @Nullable MemorySegment pskId, long pskIdAt, long pskIdLength,
            MemorySegment info, long infoAt, long infoLength) {
        checkFree();
        checkApart(info, infoAt, infoLength);
        if (psk == null || pskId == null) {
            return;
        }
        checkApart(psk, pskAt, pskLength);
        checkApart(pskId, pskIdAt, pskIdLength);
        Ranges.checkSecret(name, psk, pskAt, pskLength);
        if (pskLength < PSK_BYTES_MIN || pskIdLength < 1) {
            throw new IllegalArgumentException(name + ": pre-shared key of " + pskLength + " bytes with an id of " + pskIdLength
                    + " (expected at least " + PSK_BYTES_MIN + " and 1, RFC 9180 sections 5.1 and 9.5)");
        }
    }

    /// KeySchedule (section 5.1), of the shared secret that lies in the workspace. Whoever calls wipes.
    final void schedule(byte mode, @Nullable MemorySegment psk, long pskAt, long pskLength, @Nullable MemorySegment pskId, long pskIdAt, long pskIdLength,
            MemorySegment info, long infoAt, long infoLength) {
        MemorySegment w = workspace;
        LabeledKdf kdf = suite.kdf().labeled;
        long operation = workspaceAt + suite.operation;
        long shared = workspaceAt + HpkeSuite.SHARED;
        long secret = workspaceAt + HpkeSuite.SECRET;
        long context = workspaceAt + suite.schedule;
        boolean keyed = psk != null;
        w.set(ValueLayout.JAVA_BYTE, context, mode);
        kdf.extract(suite.id, LabeledKdf.PSK_ID_HASH, w, shared, 0, pskId != null ? pskId : w, keyed ? pskIdAt : shared, keyed ? pskIdLength : 0,
                w, context + 1, w, operation);
        kdf.extract(suite.id, LabeledKdf.INFO_HASH, w, shared, 0, info, infoAt, infoLength, w, context + 1 + kdf.hashBytes(), w, operation);
        kdf.extract(suite.id, LabeledKdf.SECRET, w, shared, HpkeSuite.SHARED_BYTES, psk != null ? psk : w, keyed ? pskAt : shared,
                keyed ? pskLength : 0, w, secret, w, operation);
        if (key != null) {
            long keyAt = workspaceAt + HpkeSuite.KEY;
            kdf.expand(suite.id, LabeledKdf.KEY, w, secret, w, context, suite.scheduleBytes, w, keyAt, key.aead().keyBytes(), w, operation);
            kdf.expand(suite.id, LabeledKdf.BASE_NONCE, w, secret, w, context, suite.scheduleBytes, place, placeAt + HpkeSuite.BASE_NONCE,
                    HpkeSuite.NONCE_BYTES, w, operation);
            key.load(w, keyAt, Objects.requireNonNull(suite.limits(), "an AEAD has limits"));
        }
        kdf.expand(suite.id, LabeledKdf.EXP, w, secret, w, context, suite.scheduleBytes, place, placeAt + HpkeSuite.EXPORTER,
                kdf.hashBytes(), w, operation);
        sequence(0);
        place.set(LONG, placeAt + HpkeSuite.MARK, mark);
    }

    /// Ends a setup: the workspace is wiped, and the place where there is no context.
    final void endSetup(boolean ready) {
        try {
            Wipe.bytes(workspace, workspaceAt, suite.workspaceBytes());
        } finally {
            if (!ready) {
                wipe();
            }
        }
    }

    /// ComputeNonce (section 5.2): the base nonce, and the number of 64 of its 96 bits.
    final void nonce(long sequence) {
        long nonce = workspaceAt + HpkeSuite.NONCE;
        MemorySegment.copy(place, placeAt + HpkeSuite.BASE_NONCE, workspace, nonce, HpkeSuite.NONCE_BYTES);
        BigEndian.i64(workspace, nonce + 4, BigEndian.i64(workspace, nonce + 4) ^ sequence);
    }

    final void wipeNonce() {
        Wipe.bytes(workspace, workspaceAt + HpkeSuite.NONCE, HpkeSuite.NONCE_BYTES);
    }

    /// Exports a secret that both sides can compute (section 5.3). It does not depend on the messages.
    ///
    /// @param context  what the secret is for; may be of length 0
    /// @param output   room off the heap for `length` bytes, apart from the context's text
    /// @param length   0 to [HpkeKdf#exportBytesMax]
    /// @throws IllegalArgumentException  a longer secret, too (caller's fault); nothing is written
    public final void export(MemorySegment context, long contextAt, long contextLength, MemorySegment output, long outputAt, int length) {
        checkReady();
        checkApart(context, contextAt, contextLength);
        Ranges.checkWorkspace(name, output, outputAt, length);
        checkApart(output, outputAt, length);
        Ranges.apart(name, context, contextAt, contextLength, output, outputAt, length);
        if (length > suite.kdf().exportBytesMax()) {
            throw new IllegalArgumentException(name + ": secret of " + length + " bytes (expected at most " + suite.kdf().exportBytesMax()
                    + ", RFC 9180 section 5.3)");
        }
        boolean whole = false;
        try {
            suite.kdf().labeled.expand(suite.id, LabeledKdf.SEC, place, placeAt + HpkeSuite.EXPORTER, context, contextAt, contextLength,
                    output, outputAt, length, workspace, workspaceAt + suite.operation);
            whole = true;
        } finally {
            if (!whole) {
                Wipe.bytes(output, outputAt, length);
            }
        }
    }

    /// Ends the context, whose place is free from here on. Twice is harmless.
    ///
    /// @throws IllegalStateException  no place, or memory that is closed (caller's fault)
    public final void wipe() {
        if (place.byteSize() == 0) {
            throw new IllegalStateException(name + ": no place (expected at() first)");
        }
        try {
            if (key != null) {
                key.wipe();
            }
        } finally {
            Wipe.bytes(place, placeAt, suite.contextBytes());
        }
    }

    /// Wipes the context that it points to, and points nowhere from here on. Twice is harmless; so is closing after the memory, which has
    /// wiped it where it is a region's.
    @Override
    public final void close() {
        if (place.byteSize() != 0 && place.scope().isAlive()) {
            wipe();
        }
        place = MemorySegment.NULL;
    }

    @Override
    public final String toString() {
        return name + "[" + suite + (place.byteSize() == 0 ? ", no place" : !place.scope().isAlive() ? ", closed memory"
                : isReady() ? ", next message " + sequence() : ", no context") + "]";
    }
}
