package dev.coffer.jca;

import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.internal.vault.Piece;
import java.io.InvalidObjectException;
import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.Serial;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.Locale;
import javax.crypto.SecretKey;

/// A secret key off the heap, in the provider's memory: what a `KeyGenerator`, a `KEM`, a `KeyAgreement` or a `KDF` of this provider made. As
/// of [CofferPrivateKey]: any thread may use it, [#destroy] works, [#forbidExport] and `export=forbidden` keep it in, `toString` says
/// nothing of it, serialization is refused, equality takes constant time.
public final class CofferSecretKey implements SecretKey {
    @Serial
    private static final long serialVersionUID = 1;

    private final transient String algorithm;
    private final transient Holder holder;
    private transient volatile boolean exportable;

    /// The bytes, apart from the key, so that the collector may find this forgotten.
    private static final class Holder {
        private final Gate gate = new Gate();
        private final Piece piece;

        Holder(Piece piece) {
            this.piece = piece;
        }
    }

    private CofferSecretKey(String algorithm, Holder holder, boolean exportable) {
        this.algorithm = algorithm;
        this.holder = holder;
        this.exportable = exportable;
    }

    /// {@return a key with a copy of the bytes, which are off the heap}
    static CofferSecretKey copyOf(Vault vault, String algorithm, MemorySegment source, long at, long length) {
        Piece piece = vault.key(length);
        boolean made = false;
        try {
            MemorySegment.copy(source, at, piece.segment(), 0, length);
            Holder holder = new Holder(piece);
            piece.watch(holder);
            CofferSecretKey key = new CofferSecretKey(algorithm, holder, vault.config().exports());
            made = true;
            return key;
        } finally {
            if (!made) {
                piece.close();
            }
        }
    }

    /// What is done with the bytes, from 0 to the segment's size.
    @FunctionalInterface
    interface Use<T> {
        T with(MemorySegment bytes);
    }

    /// {@return what came of it}
    ///
    /// @throws IllegalStateException  destroyed (caller's fault)
    <T> T use(Use<T> use) {
        holder.gate.enter("secret key of " + algorithm);
        try {
            return use.with(holder.piece.segment());
        } finally {
            holder.gate.leave();
            Reference.reachabilityFence(holder);
        }
    }

    @Override
    public String getAlgorithm() {
        return algorithm;
    }

    /// {@return `RAW`, or null where the key may not leave}
    @Override
    public String getFormat() {
        return exportable ? "RAW" : null;
    }

    /// {@return a copy on the heap, or null where the key may not leave}
    ///
    /// @throws IllegalStateException  destroyed (caller's fault)
    @Override
    public byte[] getEncoded() {
        return exportable ? use(bytes -> bytes.toArray(ValueLayout.JAVA_BYTE)) : null;
    }

    /// From here on nothing of the key leaves by this object. There is no way back.
    public void forbidExport() {
        exportable = false;
    }

    /// {@return whether the key may leave}
    public boolean isExportable() {
        return exportable;
    }

    /// Waits for those who use it, then wipes it and gives its memory back. Twice is harmless.
    @Override
    public void destroy() {
        holder.gate.shut(holder.piece::close);
    }

    @Override
    public boolean isDestroyed() {
        return holder.gate.isShut();
    }

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof CofferSecretKey that && algorithm.equalsIgnoreCase(that.algorithm) && isSame(that);
    }

    private boolean isSame(CofferSecretKey that) {
        try {
            return use(mine -> that.use(theirs -> ConstantTime.equal(mine, 0, mine.byteSize(), theirs, 0, theirs.byteSize())));
        } catch (IllegalStateException e) {
            return false;  // a destroyed one equals itself only
        }
    }

    @Override
    public int hashCode() {
        return algorithm.toLowerCase(Locale.ROOT).hashCode();  // nothing of the key
    }

    @Override
    public String toString() {
        return "CofferSecretKey[" + algorithm + (isDestroyed() ? ", destroyed]" : "]");
    }

    @Serial
    private Object writeReplace() throws NotSerializableException {
        throw new NotSerializableException("CofferSecretKey: a secret key is not serialized");
    }

    @Serial
    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("CofferSecretKey: is never serialized");
    }
}
