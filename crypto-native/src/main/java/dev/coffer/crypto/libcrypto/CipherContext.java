package dev.coffer.crypto.libcrypto;

import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// One expanded key of libcrypto (an EVP_CIPHER_CTX), and what it is fed through:
///
/// ```
///   key 32 | nonce 16 | tag 16 | bytes written 8 | chunk 1,024
/// ```
///
/// It knows by a copy which key it holds: one that comes again is not expanded again. Memory off the heap goes to the library where it lies,
/// and the VM holds it open for the call; memory on the heap goes through the chunk.
///
/// Claimed by one thread at a time, by [CipherContexts]; 0 heap bytes.
final class CipherContext {
    static final int OPEN = 0;                      // `enc` of EVP_CipherInit_ex
    static final int SEAL = 1;
    static final long NONCE_BYTES_MAX = 16;

    private static final long KEY = 0;
    private static final long KEY_BYTES_MAX = 32;
    private static final long NONCE = KEY + KEY_BYTES_MAX;
    private static final long TAG = NONCE + NONCE_BYTES_MAX;
    private static final long TAG_BYTES = 16;
    private static final long WRITTEN = TAG + TAG_BYTES;
    static final long CHUNK = WRITTEN + 8;
    static final long CHUNK_BYTES = 1024;
    static final long BYTES = CHUNK + CHUNK_BYTES + 24;  // a multiple of a cache line
    /// Of one critical call: the VM waits for it before it can collect, and this takes some 10 us.
    static final long CALL_BYTES_MAX = 1 << 16;

    private static final int GET_TAG = 0x10;        // EVP_CTRL_AEAD_GET_TAG
    private static final int SET_TAG = 0x11;        // EVP_CTRL_AEAD_SET_TAG

    private static final int FREE = 0;
    private static final int CLAIMED = 1;
    private static final int CLOSED = 2;
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(CipherContext.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long context;                     // the library's
    private final MemorySegment memory;
    private final long at;
    private final long address;                     // of the memory's own part
    private final int keyBytes;
    private final boolean critical;
    private boolean keyed;
    private volatile int state;

    /// @param context   an EVP_CIPHER_CTX with a cipher, given back by [#close]
    /// @param memory    [#BYTES] of it from `at`, zero
    /// @param critical  whether calls that allocate nothing are critical ones
    CipherContext(long context, MemorySegment memory, long at, int keyBytes, boolean critical) {
        this.context = context;
        this.memory = memory;
        this.at = at;
        this.address = memory.address() + at;
        this.keyBytes = keyBytes;
        this.critical = critical;
    }

    boolean claim() {
        return state == FREE && STATE.compareAndSet(this, FREE, CLAIMED);
    }

    boolean isClosed() {
        return state == CLOSED;
    }

    void yieldClaim() {
        STATE.setRelease(this, FREE);
    }

    /// Begins the same message again: with the nonce that was copied, as what it was copied from may be overwritten by now.
    void beginAgain(int direction) {
        check(LibraryCalls.begin(critical, context, address + NONCE, direction), "EVP_CipherInit_ex");
    }

    private boolean holds(MemorySegment key, long keyAt) {
        return keyed && ConstantTime.equal(memory, at + KEY, key, keyAt, keyBytes);
    }

    /// Begins a message, under a key that is expanded first where another's lies here.
    ///
    /// @param nonceBytes  of the nonce: 0 for a cipher without one
    void begin(MemorySegment key, long keyAt, MemorySegment nonce, long nonceAt, long nonceBytes, int direction) {
        MemorySegment.copy(nonce, nonceAt, memory, at + NONCE, nonceBytes);
        long nonceAddress = nonceBytes == 0 ? 0 : address + NONCE;
        if (holds(key, keyAt)) {
            check(nonceBytes == 0 || LibraryCalls.begin(critical, context, nonceAddress, direction), "EVP_CipherInit_ex");
            return;
        }
        keyed = false;
        MemorySegment.copy(key, keyAt, memory, at + KEY, keyBytes);
        check(LibraryCalls.load(context, 0, address + KEY, nonceAddress, direction), "EVP_CipherInit_ex with a key");
        keyed = true;
    }

    /// Takes associated data.
    void authenticate(MemorySegment data, long dataAt, long length) {
        if (data.isNative()) {
            for (long done = 0; done < length;) {
                long part = Math.min(length - done, CALL_BYTES_MAX);
                update(0, data.address() + dataAt + done, part, data, data);
                done += part;
            }
            return;
        }
        for (long done = 0; done < length;) {
            long part = Math.min(length - done, CHUNK_BYTES);
            MemorySegment.copy(data, dataAt + done, memory, at + CHUNK, part);
            update(0, address + CHUNK, part, memory, memory);
            done += part;
        }
    }

    /// Encrypts or decrypts from one place to another, or in place.
    void transform(MemorySegment input, long inputAt, long length, MemorySegment output, long outputAt) {
        if (input.isNative() && output.isNative()) {
            for (long done = 0; done < length;) {
                long part = Math.min(length - done, CALL_BYTES_MAX);
                update(output.address() + outputAt + done, input.address() + inputAt + done, part, input, output);
                done += part;
            }
            return;
        }
        try {
            for (long done = 0; done < length;) {
                long part = Math.min(length - done, CHUNK_BYTES);
                transformChunk(input, inputAt + done, part);
                MemorySegment.copy(memory, at + CHUNK, output, outputAt + done, part);
                done += part;
            }
        } finally {
            wipeChunk(length);
        }
    }

    /// Decrypts and shows nobody.
    void dryTransform(MemorySegment input, long inputAt, long length) {
        for (long done = 0; done < length;) {
            long part = Math.min(length - done, CHUNK_BYTES);
            transformChunk(input, inputAt + done, part);
            done += part;
        }
    }

    private void transformChunk(MemorySegment input, long inputAt, long part) {
        MemorySegment.copy(input, inputAt, memory, at + CHUNK, part);
        update(address + CHUNK, address + CHUNK, part, memory, memory);
    }

    /// What [#dryTransform] left, of a text that fits the chunk.
    void copyChunk(MemorySegment output, long outputAt, long length) {
        MemorySegment.copy(memory, at + CHUNK, output, outputAt, length);
    }

    void wipeChunk(long used) {
        Wipe.bytes(memory, at + CHUNK, Math.min(used, CHUNK_BYTES));
    }

    private void update(long output, long input, long length, MemorySegment held, MemorySegment alsoHeld) {
        check(LibraryCalls.update(critical, context, output, address + WRITTEN, input, length, held, alsoHeld), "EVP_CipherUpdate");
    }

    /// Ends a text that was sealed, and writes its tag.
    void tag(MemorySegment output, long outputAt) {
        check(LibraryCalls.finish(critical, context, address + TAG, address + WRITTEN), "EVP_CipherFinal_ex");
        check(LibraryCalls.control(critical, context, GET_TAG, (int) TAG_BYTES, address + TAG), "EVP_CIPHER_CTX_ctrl");
        MemorySegment.copy(memory, at + TAG, output, outputAt, TAG_BYTES);
    }

    /// Ends a text that was opened.
    ///
    /// @return whether its tag is this one: compared by the library in constant time
    boolean verifies(MemorySegment sealed, long tagAt) {
        MemorySegment.copy(sealed, tagAt, memory, at + TAG, TAG_BYTES);
        check(LibraryCalls.control(critical, context, SET_TAG, (int) TAG_BYTES, address + TAG), "EVP_CIPHER_CTX_ctrl");
        return LibraryCalls.finish(critical, context, address + CHUNK, address + WRITTEN);
    }

    private static void check(boolean done, String function) {
        if (!done) {
            throw new IllegalStateException("libcrypto: " + function + " refused what it took at start");
        }
    }

    /// Forgets the key if it is this one: a key of zeros takes its place, and a block of text that of the last.
    void forget(MemorySegment key, long keyAt, long nonceBytes) {
        if (holds(key, keyAt)) {
            forget(nonceBytes);
        }
    }

    private void forget(long nonceBytes) {
        keyed = false;
        Wipe.bytes(memory, at, BYTES);
        long nonce = nonceBytes == 0 ? 0 : address + NONCE;
        check(LibraryCalls.load(context, 0, address + KEY, nonce, SEAL), "EVP_CipherInit_ex with a key");
        update(address + CHUNK, address + CHUNK, CHUNK_BYTES / 2 + 16, memory, memory);
        Wipe.bytes(memory, at, BYTES);
    }

    /// Gives the context back to the library, which wipes it. For who has claimed it; nobody can again.
    void close() {
        LibraryCalls.contextFree(context);
        Wipe.bytes(memory, at, BYTES);
        STATE.setRelease(this, CLOSED);
    }
}
