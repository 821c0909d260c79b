package dev.coffer.jca;

import dev.coffer.crypto.Hash;
import dev.coffer.memory.internal.vault.Piece;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigestSpi;

/// A hash function. Its state lies off the heap from the first byte of a message to its digest; between messages it holds nothing. Arrays
/// are read where they are.
final class DigestEngine extends MessageDigestSpi implements Cloneable {
    private final Vault vault;
    private final Hash hash;
    private Piece state;  // null between messages

    DigestEngine(Vault vault, Hash hash) {
        this.vault = vault;
        this.hash = hash;
    }

    @Override
    protected int engineGetDigestLength() {
        return hash.digestBytes();
    }

    @Override
    protected void engineUpdate(byte input) {
        begin();
        long one = hash.stateBytes();  // behind the state
        state.segment().set(ValueLayout.JAVA_BYTE, one, input);
        update(state.segment(), one, 1);
    }

    @Override
    protected void engineUpdate(byte[] input, int at, int length) {
        update(MemorySegment.ofArray(input), at, length);
    }

    @Override
    protected void engineUpdate(ByteBuffer input) {
        update(MemorySegment.ofBuffer(input), 0, input.remaining());
        input.position(input.limit());
    }

    private void begin() {
        if (state == null) {
            state = vault.work(hash.stateBytes() + 1).watch(this);
            hash.init(state.segment(), 0);
        }
    }

    private void update(MemorySegment input, long at, long length) {
        begin();
        try {
            hash.update(state.segment(), 0, input, at, length);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    protected byte[] engineDigest() {
        byte[] digest = new byte[hash.digestBytes()];
        digest(MemorySegment.ofArray(digest), 0);
        return digest;
    }

    @Override
    protected int engineDigest(byte[] target, int at, int room) throws DigestException {
        if (room < hash.digestBytes() || at < 0 || target.length - at < hash.digestBytes()) {
            throw new DigestException(hash.name() + ": room for " + Math.min(room, target.length - at) + " bytes (expected " + hash.digestBytes() + ")");
        }
        digest(MemorySegment.ofArray(target), at);
        return hash.digestBytes();
    }

    private void digest(MemorySegment target, long at) {
        begin();
        try {
            hash.digest(state.segment(), 0, target, at);
        } finally {
            engineReset();
        }
    }

    @Override
    protected void engineReset() {
        if (state != null) {
            state.close();
            state = null;
        }
    }

    /// {@return an engine that goes on from here by itself}
    @Override
    public Object clone() throws CloneNotSupportedException {
        DigestEngine other = (DigestEngine) super.clone();
        other.state = null;
        if (state != null) {
            try {
                other.state = vault.work(state.bytes()).watch(other);
                MemorySegment.copy(state.segment(), 0, other.state.segment(), 0, state.bytes());
            } finally {
                Reference.reachabilityFence(this);
            }
        }
        return other;
    }
}
