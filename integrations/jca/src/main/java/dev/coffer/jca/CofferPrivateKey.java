package dev.coffer.jca;

import dev.coffer.crypto.key.KeyAlgorithm;
import java.io.InvalidObjectException;
import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.Serial;
import java.security.PrivateKey;
import java.security.spec.AlgorithmParameterSpec;

/// A private key off the heap, in the provider's memory. Any thread may use it, several at a time.
///
/// [#destroy] works: it waits for those who are using the key, wipes it and gives its memory back; from then on every use is refused, by
/// [java.security.InvalidKeyException] where an engine is initialised and by [IllegalStateException] elsewhere. A key that is forgotten is
/// wiped when the collector has noticed. [#getEncoded] makes an array on the heap, which nobody can wipe for certain: [#forbidExport] and
/// `export=forbidden` of the provider end that, and then it answers null, as do [#getFormat] and all that would give the key away.
///
/// `toString` names the algorithm. Java serialization is refused. Equality takes constant time.
public abstract sealed class CofferPrivateKey implements PrivateKey permits Ed25519PrivateKey, X25519PrivateKey, P256PrivateKey, NamedPrivateKey {
    @Serial
    private static final long serialVersionUID = 1;

    private final transient HeldPair held;
    private transient volatile boolean exportable;

    CofferPrivateKey(HeldPair held) {
        this.held = held;
        this.exportable = held.vault().config().exports();
    }

    static CofferPrivateKey of(HeldPair held) {
        return switch (held.algorithm()) {
            case ED25519 -> new Ed25519PrivateKey(held);
            case X25519 -> new X25519PrivateKey(held);
            case P256 -> new P256PrivateKey(held);
            default -> new NamedPrivateKey(held);
        };
    }

    final HeldPair held() {
        return held;
    }

    /// {@return what the key is for, in Coffer's words}
    public final KeyAlgorithm keyAlgorithm() {
        return held.algorithm();
    }

    /// {@return the family, as the JDK's own keys answer: `EC`, `EdDSA`, `XDH`, `ML-KEM`, `ML-DSA`, `SLH-DSA`}
    @Override
    public final String getAlgorithm() {
        return KeyNames.of(held.algorithm()).family();
    }

    /// {@return the parameter set by name, or the curve}
    @Override
    public AlgorithmParameterSpec getParams() {
        return KeyNames.parameters(held.algorithm());
    }

    /// {@return `PKCS#8`, or null where the key may not leave}
    @Override
    public final String getFormat() {
        return exportable ? "PKCS#8" : null;
    }

    /// {@return a copy on the heap: what the key was read from, byte for byte, or the form that the provider's configuration says; null where
    /// the key may not leave}
    ///
    /// @throws IllegalStateException    destroyed (caller's fault)
    /// @throws ProviderMemoryException  no room to write it
    @Override
    public final byte[] getEncoded() {
        return exportable ? held.encoded() : null;
    }

    /// From here on nothing of the key leaves by this object. There is no way back.
    public final void forbidExport() {
        exportable = false;
    }

    /// {@return whether the key may leave}
    public final boolean isExportable() {
        return exportable;
    }

    @Override
    public final void destroy() {
        held.destroy();
    }

    @Override
    public final boolean isDestroyed() {
        return held.isDestroyed();
    }

    @Override
    public final boolean equals(Object other) {
        return this == other || other instanceof CofferPrivateKey that && held.isSame(that.held);
    }

    @Override
    public final int hashCode() {
        return held.algorithm().name().hashCode();  // nothing of the key
    }

    @Override
    public final String toString() {
        return "CofferPrivateKey[" + KeyNames.set(held.algorithm()) + (isDestroyed() ? ", destroyed]" : "]");
    }

    @Serial  // not private: the subclasses inherit it
    @SuppressWarnings("DoNotCallSuggester")  // serialization calls it, nobody else
    final Object writeReplace() throws NotSerializableException {
        throw new NotSerializableException("CofferPrivateKey: a private key is not serialized (expected PKCS#8, by getEncoded)");
    }

    @Serial
    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("CofferPrivateKey: is never serialized");
    }
}
