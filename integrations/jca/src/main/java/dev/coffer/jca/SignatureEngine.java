package dev.coffer.jca;

import dev.coffer.crypto.key.KeyAlgorithm;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.memory.internal.vault.Piece;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.InvalidParameterException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SignatureException;
import java.security.SignatureSpi;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.EdDSAParameterSpec;
import java.util.Set;

/// What all signatures share: keys, parameters, and the life of a message.
///
/// ```
///   init -> update* -> sign or verify -> update* -> ...      a message that ends, however it ends, makes room for the next
/// ```
///
/// A signature of a wrong length or form is invalid, which is `false` and not an exception: who sent it is at fault, not who calls.
abstract sealed class SignatureEngine extends SignatureSpi permits GatheringSignature, EcdsaEngine, MlDsaEngine {
    final Vault vault;
    private final Set<KeyAlgorithm> allowed;
    private HeldPair signing;           // one of both is null; both before init
    private CofferPublicKey verifying;
    private byte[] context = new byte[0];
    private boolean begun;              // a byte of a message was taken

    SignatureEngine(Vault vault, Set<KeyAlgorithm> allowed) {
        this.vault = vault;
        this.allowed = allowed;
    }

    /// Begins a message; whatever was gathered is gone.
    abstract void begin();

    /// Takes a piece of it.
    abstract void take(MemorySegment input, long at, long length);

    /// {@return the signature of what was taken}
    abstract byte[] sign(KeyPair key) throws SignatureException;

    /// {@return whether that is the signature of what was taken}
    abstract boolean verify(CofferPublicKey key, byte[] signature);

    /// Gives back what a message held.
    abstract void end();

    final byte[] context() {
        return context;
    }

    final KeyAlgorithm algorithm() {
        return signing != null ? signing.algorithm() : verifying.keyAlgorithm();
    }

    /// {@return the pair that signs; null where the engine verifies}
    final HeldPair signing() {
        return signing;
    }

    final CofferPublicKey verifying() {
        return verifying;
    }

    @Override
    protected final void engineInitSign(PrivateKey key) throws InvalidKeyException {
        HeldPair held = ForeignKeys.privateKey(vault, allowed, key);
        checkContext(held.algorithm());
        reset();
        verifying = null;
        signing = held;
    }

    @Override
    protected final void engineInitVerify(PublicKey key) throws InvalidKeyException {
        CofferPublicKey known = ForeignKeys.publicKey(vault, allowed, key);
        checkContext(known.keyAlgorithm());
        reset();
        signing = null;
        verifying = known;
    }

    private void checkContext(KeyAlgorithm algorithm) throws InvalidKeyException {
        if (context.length > algorithm.signature().contextBytesMax()) {
            throw new InvalidKeyException("a key of " + algorithm + ", which has no context, after one was set");
        }
    }

    private void reset() {
        begun = false;
        end();
    }

    @Override
    protected final void engineUpdate(byte input) throws SignatureException {
        engineUpdate(new byte[] {input}, 0, 1);
    }

    @Override
    protected final void engineUpdate(byte[] input, int at, int length) throws SignatureException {
        update(MemorySegment.ofArray(input), at, length);
    }

    @Override
    protected final void engineUpdate(ByteBuffer input) {
        try {
            update(MemorySegment.ofBuffer(input), 0, input.remaining());
        } catch (SignatureException e) {
            throw new IllegalStateException(e);
        }
        input.position(input.limit());
    }

    private void update(MemorySegment input, long at, long length) throws SignatureException {
        start();
        try {
            take(input, at, length);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private void start() throws SignatureException {
        if (signing == null && verifying == null) {
            throw new SignatureException("not initialised (expected initSign or initVerify)");
        }
        if (!begun) {
            try {
                begin();
                begun = true;
            } catch (IllegalStateException e) {  // the key was destroyed since
                throw new SignatureException(e.getMessage(), e);
            } finally {
                if (!begun) {
                    end();
                }
            }
        }
    }

    @Override
    protected final byte[] engineSign() throws SignatureException {
        if (signing == null) {
            throw new SignatureException("not initialised for signing");
        }
        try {
            start();
            return signing.use(this::sign);
        } catch (IllegalStateException e) {  // the key was destroyed since, or the kernel has no random bytes
            throw new SignatureException(e.getMessage(), e);
        } finally {
            reset();
            Reference.reachabilityFence(this);
        }
    }

    @Override
    protected final int engineSign(byte[] target, int at, int room) throws SignatureException {
        if (signing == null) {
            throw new SignatureException("not initialised for signing");
        }
        int most = bytesMax();
        if (room < most || at < 0 || target.length - at < most) {  // before the message is gone
            throw new SignatureException("room for " + room + " bytes of signature (expected " + most + ")");
        }
        byte[] signature = engineSign();
        System.arraycopy(signature, 0, target, at, signature.length);
        return signature.length;
    }

    /// {@return bytes of the longest signature of the key that signs}
    int bytesMax() {
        return algorithm().signatureBytes();
    }

    @Override
    protected final boolean engineVerify(byte[] signature) throws SignatureException {
        if (verifying == null) {
            throw new SignatureException("not initialised for verification");
        }
        try {
            start();
            return verify(verifying, signature);
        } finally {
            reset();
            Reference.reachabilityFence(this);
        }
    }

    @Override
    protected final void engineSetParameter(AlgorithmParameterSpec parameters) throws InvalidAlgorithmParameterException {
        if (begun) {
            throw new InvalidAlgorithmParameterException("parameters in the middle of a message");
        }
        switch (parameters) {
            case null -> context = new byte[0];
            case SignatureContext given -> {
                byte[] bytes = given.context();
                for (KeyAlgorithm known : signing == null && verifying == null ? allowed : Set.of(algorithm())) {
                    if (bytes.length > known.signature().contextBytesMax()) {
                        throw new InvalidAlgorithmParameterException("a context of " + bytes.length + " bytes for " + known);
                    }
                }
                context = bytes;
            }
            case EdDSAParameterSpec ed when allowed.contains(KeyAlgorithm.ED25519) && !ed.isPrehash() && ed.getContext().isEmpty() -> context = new byte[0];
            case ECParameterSpec curve when allowed.contains(KeyAlgorithm.P256) && P256Curve.is(curve) -> context = new byte[0];
            default -> throw new InvalidAlgorithmParameterException("parameters of class " + parameters.getClass().getName() + " for " + allowed);
        }
    }

    @Override
    @Deprecated
    protected final void engineSetParameter(String name, Object value) {
        throw new InvalidParameterException("parameters by name (expected an AlgorithmParameterSpec)");
    }

    @Override
    @Deprecated
    protected final Object engineGetParameter(String name) {
        throw new InvalidParameterException("parameters by name (expected getParameters)");
    }

    @Override
    protected final AlgorithmParameters engineGetParameters() {
        return null;  // no AlgorithmIdentifier of these has any
    }

    /// {@return an array of what lies there, which is public}
    static byte[] array(MemorySegment segment, long at, long length) {
        byte[] bytes = new byte[(int) length];
        MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, at, bytes, 0, bytes.length);
        return bytes;
    }

    /// Copies an array, which is public.
    static void copy(byte[] source, MemorySegment target, long at) {
        MemorySegment.copy(source, 0, target, ValueLayout.JAVA_BYTE, at, source.length);
    }

    /// Gives a piece back that may never have been taken.
    static void close(Piece piece) {
        if (piece != null) {
            piece.close();
        }
    }
}
