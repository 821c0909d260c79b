package dev.coffer.jca;

import dev.coffer.crypto.Mac;
import dev.coffer.memory.internal.vault.Piece;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.MacSpi;

/// A message authentication code. The state, which is as secret as the key, lies off the heap from `init` until the engine is forgotten or
/// initialised anew; the tag that ends a message readies it for the next.
final class MacEngine extends MacSpi implements Cloneable {
    private final Vault vault;
    private final Mac mac;
    private Piece state;  // null before init
    private boolean begun;      // a message is under way

    MacEngine(Vault vault, Mac mac) {
        this.vault = vault;
        this.mac = mac;
    }

    @Override
    protected int engineGetMacLength() {
        return mac.tagBytes();
    }

    @Override
    protected void engineInit(Key key, AlgorithmParameterSpec parameters) throws InvalidKeyException, InvalidAlgorithmParameterException {
        if (parameters != null) {
            throw new InvalidAlgorithmParameterException(mac.name() + ": parameters (expected none)");
        }
        try (Piece bytes = ForeignKeys.secretKey(vault, key)) {
            if (state == null) {
                state = vault.work(mac.stateBytes() + mac.tagBytes()).watch(this);  // a tag that is cut, or one byte of a message, lies behind
            }
            begun = false;
            mac.init(state.segment(), 0, bytes.segment(), 0, bytes.bytes());
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    protected void engineUpdate(byte input) {
        checkKeyed();
        state.segment().set(ValueLayout.JAVA_BYTE, mac.stateBytes(), input);
        update(state.segment(), mac.stateBytes(), 1);
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

    private void update(MemorySegment input, long at, long length) {
        checkKeyed();
        begun = true;
        try {
            mac.update(state.segment(), 0, input, at, length);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    protected byte[] engineDoFinal() {
        checkKeyed();
        byte[] tag = new byte[mac.tagBytes()];
        begun = false;
        try {
            mac.tag(state.segment(), 0, MemorySegment.ofArray(tag), 0);
        } finally {
            Reference.reachabilityFence(this);
        }
        return tag;
    }

    @Override
    protected void engineReset() {
        if (state != null && begun) {
            begun = false;
            try {
                mac.tag(state.segment(), 0, state.segment(), mac.stateBytes());  // of no use, but it readies the state
            } finally {
                Reference.reachabilityFence(this);
            }
        }
    }

    private void checkKeyed() {
        if (state == null) {
            throw new IllegalStateException(mac.name() + ": not initialised");
        }
    }

    /// {@return an engine with the same key that goes on from here by itself}
    @Override
    public Object clone() throws CloneNotSupportedException {
        MacEngine other = (MacEngine) super.clone();
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
