package dev.coffer.jca;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadKey;
import dev.coffer.crypto.AeadLimits;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.internal.vault.Piece;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.InvalidParameterSpecException;
import java.util.Arrays;
import java.util.Locale;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.CipherSpi;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.NoSuchPaddingException;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;

/// AES-GCM and ChaCha20-Poly1305.
///
/// ```
///   init -> updateAAD* -> update* -> doFinal        encrypting: init with a new nonce before the next message
///             '------------------------'            decrypting: the next message may follow
/// ```
///
/// A message is gathered off the heap, sealed or opened there in place, and only then written out: so nothing that is not authentic leaves,
/// input and output may overlap as they like, and one that is too large for the area for work is refused before anything of it is lost. Key,
/// schedule and text are never on the heap but in the arrays that the JCA brings and takes.
final class AeadEngine extends CipherSpi {
    private static final int TAG_BITS = Aead.TAG_BYTES * Byte.SIZE;
    private static final int NONCE_BYTES = 12;
    private static final byte[] NOTHING = new byte[0];
    /// Messages under one key: the bound for nonces at random (SP 800-38D, section 8.3).
    private static final AeadLimits LIMITS = new AeadLimits(1L << 32, AeadLimits.FORGERIES_MAX);
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    // What is kept of a key: the nonce of this message, that of the last encryption, the key itself, the key expanded.
    private static final long NONCE = 0;
    private static final long LAST = NONCE + NONCE_BYTES;
    private static final long KEY = LAST + NONCE_BYTES;
    private static final long SCHEDULE = KEY + 32;

    /// What a transformation is: its name for parameters, and which algorithm serves a key of how many bytes.
    enum Kind {
        AES_GCM("GCM", "GCM"), CHACHA20_POLY1305("ChaCha20-Poly1305", "NONE");

        private final String parameters;
        private final String mode;

        Kind(String parameters, String mode) {
            this.parameters = parameters;
            this.mode = mode;
        }

        private Aead aead(long keyBytes) throws InvalidKeyException {
            if (this == CHACHA20_POLY1305 ? keyBytes != 32 : keyBytes != 16 && keyBytes != 32) {
                throw new InvalidKeyException(parameters + ": a key of " + keyBytes + " bytes (expected "
                        + (this == CHACHA20_POLY1305 ? "32)" : "16 or 32)"));
            }
            return this == CHACHA20_POLY1305 ? Aead.CHACHA20_POLY1305 : keyBytes == 16 ? Aead.AES_128_GCM : Aead.AES_256_GCM;
        }
    }

    private final Vault vault;
    private final Kind kind;
    private final int keyBytesOnly;  // of a name that says so; 0 for all
    private final GatheredBytes aad;
    private final GatheredBytes text;
    private Piece key;         // null before init
    private Aead aead;
    private boolean encrypting;
    private boolean wrapping;        // opened by WRAP or UNWRAP
    private boolean ready;           // for a message under this nonce
    private boolean hasLast;         // there was an encryption under this key

    AeadEngine(Vault vault, Kind kind, int keyBytesOnly) {
        this.vault = vault;
        this.kind = kind;
        this.keyBytesOnly = keyBytesOnly;
        this.aad = new GatheredBytes(vault);
        this.text = new GatheredBytes(vault);
    }

    @Override
    protected void engineSetMode(String mode) throws NoSuchAlgorithmException {
        if (!mode.toUpperCase(Locale.ROOT).equals(kind.mode)) {
            throw new NoSuchAlgorithmException("mode " + mode + " (expected " + kind.mode + ")");
        }
    }

    @Override
    protected void engineSetPadding(String padding) throws NoSuchPaddingException {
        if (!padding.equalsIgnoreCase("NoPadding")) {
            throw new NoSuchPaddingException("padding " + padding + " (expected NoPadding)");
        }
    }

    @Override
    protected int engineGetBlockSize() {
        return kind == Kind.AES_GCM ? 16 : 0;
    }

    @Override
    protected int engineGetOutputSize(int inputLength) {
        return Math.toIntExact(outputBytes(inputLength));
    }

    private long outputBytes(long more) {
        long all = text.length() + more;
        return encrypting ? all + Aead.TAG_BYTES : Math.max(0, all - Aead.TAG_BYTES);
    }

    @Override
    protected byte[] engineGetIV() {
        return key == null ? null : SignatureEngine.array(key.segment(), NONCE, NONCE_BYTES);
    }

    @Override
    protected AlgorithmParameters engineGetParameters() {
        byte[] nonce = engineGetIV();
        if (nonce == null) {
            return null;
        }
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance(kind.parameters);
            parameters.init(kind == Kind.AES_GCM ? new GCMParameterSpec(TAG_BITS, nonce) : new IvParameterSpec(nonce));
            return parameters;
        } catch (GeneralSecurityException e) {
            return null;  // nobody here can encode them; getIV says the same
        }
    }

    @Override
    protected void engineInit(int mode, Key key, SecureRandom random) throws InvalidKeyException {
        try {
            init(mode, key, null);
        } catch (InvalidAlgorithmParameterException e) {
            throw new InvalidKeyException(e.getMessage(), e);
        }
    }

    @Override
    protected void engineInit(int mode, Key key, AlgorithmParameterSpec parameters, SecureRandom random) throws InvalidKeyException,
            InvalidAlgorithmParameterException {
        init(mode, key, parameters == null ? null : nonce(parameters));
    }

    @Override
    protected void engineInit(int mode, Key key, AlgorithmParameters parameters, SecureRandom random) throws InvalidKeyException,
            InvalidAlgorithmParameterException {
        init(mode, key, parameters == null ? null : nonce(specification(parameters)));
    }

    private AlgorithmParameterSpec specification(AlgorithmParameters parameters) throws InvalidAlgorithmParameterException {
        try {
            return kind == Kind.AES_GCM ? parameters.getParameterSpec(GCMParameterSpec.class)
                    : parameters.getParameterSpec(IvParameterSpec.class);
        } catch (InvalidParameterSpecException e) {
            throw new InvalidAlgorithmParameterException(e.getMessage(), e);
        }
    }

    private byte[] nonce(AlgorithmParameterSpec parameters) throws InvalidAlgorithmParameterException {
        byte[] nonce = switch (parameters) {
            case GCMParameterSpec gcm when kind == Kind.AES_GCM && gcm.getTLen() == TAG_BITS -> gcm.getIV();
            case IvParameterSpec iv when kind == Kind.CHACHA20_POLY1305 -> iv.getIV();
            default -> throw new InvalidAlgorithmParameterException("parameters of class " + parameters.getClass().getName()
                    + ", or a tag of other than " + TAG_BITS + " bits");
        };
        if (nonce.length != NONCE_BYTES) {
            throw new InvalidAlgorithmParameterException("a nonce of " + nonce.length + " bytes (expected " + NONCE_BYTES + ")");
        }
        return nonce;
    }

    /// Everything is checked before anything of the message or the key before is touched.
    private void init(int mode, Key given, byte[] nonce) throws InvalidKeyException, InvalidAlgorithmParameterException {
        boolean encrypt = mode == Cipher.ENCRYPT_MODE || mode == Cipher.WRAP_MODE;
        if (nonce == null && !encrypt) {
            throw new InvalidAlgorithmParameterException("decrypting without a nonce (expected parameters)");
        }
        try (Piece bytes = ForeignKeys.secretKey(vault, given)) {
            if (keyBytesOnly != 0 && bytes.bytes() != keyBytesOnly) {
                throw new InvalidKeyException("a key of " + bytes.bytes() + " bytes (expected " + keyBytesOnly + ")");
            }
            Aead next = kind.aead(bytes.bytes());
            boolean sameKey = key != null && aead == next && ConstantTime.equal(key.segment(), KEY, bytes.segment(), 0, bytes.bytes());
            if (encrypt && nonce != null && sameKey && hasLast && isLast(nonce)) {
                throw new InvalidAlgorithmParameterException("a nonce that this engine has encrypted with under this key (expected a new one)");
            }
            ready = false;  // whatever was begun before: a nonce that cannot be drawn leaves nothing to use
            if (!sameKey) {
                load(next, bytes.segment(), bytes.bytes());
            }
            clear();
            place(nonce);
            encrypting = encrypt;
            wrapping = mode == Cipher.WRAP_MODE || mode == Cipher.UNWRAP_MODE;
            ready = true;
            if (encrypt) {
                MemorySegment.copy(this.key.segment(), NONCE, this.key.segment(), LAST, NONCE_BYTES);
                hasLast = true;
            }
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private boolean isLast(byte[] nonce) {
        return ConstantTime.equal(key.segment(), LAST, MemorySegment.ofArray(nonce), 0, NONCE_BYTES);
    }

    private void load(Aead next, MemorySegment bytes, long length) {
        Piece piece = vault.work(SCHEDULE + next.scheduleBytes()).watch(this);
        boolean loaded = false;
        try (Piece workspace = vault.work(next.workspaceBytes())) {
            MemorySegment.copy(bytes, 0, piece.segment(), KEY, length);
            new AeadKey(next, workspace.segment(), 0).at(piece.segment(), SCHEDULE).load(piece.segment(), KEY, LIMITS);
            loaded = true;
        } finally {
            if (!loaded) {
                piece.close();
            }
        }
        if (key != null) {
            key.close();
        }
        key = piece;
        aead = next;
        hasLast = false;
    }

    private void place(byte[] nonce) {
        if (nonce == null) {
            Entropy.SYSTEM.fill(key.segment(), NONCE, NONCE_BYTES);
        } else {
            MemorySegment.copy(nonce, 0, key.segment(), BYTE, NONCE, NONCE_BYTES);
        }
    }

    @Override
    protected int engineGetKeySize(Key given) throws InvalidKeyException {
        try (Piece bytes = ForeignKeys.secretKey(vault, given)) {
            kind.aead(bytes.bytes());
            return (int) bytes.bytes() * Byte.SIZE;
        }
    }

    private void checkReady() {
        if (!ready) {
            throw new IllegalStateException(key == null ? "cipher: not initialised"
                    : "cipher: its nonce was used (expected init with a new one before the next message)");
        }
    }

    @Override
    protected void engineUpdateAAD(byte[] input, int at, int length) {
        updateAad(MemorySegment.ofArray(input), at, length);
    }

    @Override
    protected void engineUpdateAAD(ByteBuffer input) {
        updateAad(MemorySegment.ofBuffer(input), 0, input.remaining());
        input.position(input.limit());
    }

    private void updateAad(MemorySegment input, long at, long length) {
        checkReady();
        if (text.length() > 0) {
            throw new IllegalStateException("cipher: associated data after text");
        }
        aad.add(input, at, length);
    }

    @Override
    protected byte[] engineUpdate(byte[] input, int at, int length) {
        checkReady();
        if (length > 0) {
            text.add(MemorySegment.ofArray(input), at, length);
        }
        return NOTHING;
    }

    @Override
    protected int engineUpdate(byte[] input, int at, int length, byte[] output, int outputAt) {
        engineUpdate(input, at, length);
        return 0;
    }

    @Override
    protected int engineUpdate(ByteBuffer input, ByteBuffer output) {
        checkReady();
        text.add(MemorySegment.ofBuffer(input), 0, input.remaining());
        input.position(input.limit());
        return 0;
    }

    @Override
    protected byte[] engineDoFinal(byte[] input, int at, int length) throws AEADBadTagException, IllegalBlockSizeException {
        checkReady();
        byte[] output = new byte[engineGetOutputSize(length)];
        finish(length == 0 ? MemorySegment.NULL : MemorySegment.ofArray(input), length == 0 ? 0 : at, length, MemorySegment.ofArray(output), 0);
        return output;
    }

    @Override
    protected int engineDoFinal(byte[] input, int at, int length, byte[] output, int outputAt) throws ShortBufferException,
            AEADBadTagException, IllegalBlockSizeException {
        checkReady();
        checkRoom(length, output.length - outputAt);
        return finish(length == 0 ? MemorySegment.NULL : MemorySegment.ofArray(input), length == 0 ? 0 : at, length,
                MemorySegment.ofArray(output), outputAt);
    }

    @Override
    protected int engineDoFinal(ByteBuffer input, ByteBuffer output) throws ShortBufferException, AEADBadTagException,
            IllegalBlockSizeException {
        checkReady();
        checkRoom(input.remaining(), output.remaining());
        int written = finish(MemorySegment.ofBuffer(input), 0, input.remaining(), MemorySegment.ofBuffer(output), 0);
        input.position(input.limit());
        output.position(output.position() + written);
        return written;
    }

    private void checkRoom(long more, long room) throws ShortBufferException {
        if (room < outputBytes(more)) {
            throw new ShortBufferException("room for " + room + " bytes (expected " + outputBytes(more) + ")");
        }
    }

    /// Seals or opens the whole message. From where it is gathered on, this message is over, whatever comes of it.
    ///
    /// @throws ProviderMemoryException  no room for the last piece, or for the operation: nothing was taken, and it may be tried again
    private int finish(MemorySegment input, long at, long length, MemorySegment output, long outputAt) throws AEADBadTagException,
            IllegalBlockSizeException {
        if (text.length() + length > aead.lengthMax()) {
            throw new IllegalBlockSizeException("a message of " + (text.length() + length) + " bytes (expected at most " + aead.lengthMax() + ")");
        }
        try (Piece workspace = vault.work(aead.workspaceBytes())) {
            text.room(length + Aead.TAG_BYTES);
            text.add(input, at, length);
            try {
                AeadKey expanded = new AeadKey(aead, workspace.segment(), 0).at(key.segment(), SCHEDULE);
                long bytes = text.length();
                if (encrypting) {
                    ready = false;
                    expanded.seal(key.segment(), NONCE, aad.segment(), 0, aad.length(), text.segment(), 0, bytes, text.segment(), 0);
                    bytes += Aead.TAG_BYTES;
                } else if (expanded.open(key.segment(), NONCE, aad.segment(), 0, aad.length(), text.segment(), 0, bytes, text.segment(), 0)) {
                    bytes -= Aead.TAG_BYTES;
                } else {
                    throw new AEADBadTagException("the tag does not match: another key or nonce, or something was changed");
                }
                MemorySegment.copy(text.segment(), 0, output, outputAt, bytes);
                return (int) bytes;
            } finally {
                clear();
            }
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private void clear() {
        aad.clear();
        text.clear();
    }

    @Override
    protected byte[] engineWrap(Key given) throws InvalidKeyException, IllegalBlockSizeException {
        if (!wrapping || !encrypting) {
            throw new IllegalStateException("cipher: not initialised for wrapping");
        }
        checkReady();
        if (given instanceof CofferSecretKey ours && !ours.isExportable()) {
            throw new InvalidKeyException("a key whose export is forbidden: wrapped it would leave all the same");
        }
        byte[] encoded = given instanceof CofferSecretKey ? null : given.getEncoded();
        try (Piece bytes = encoded == null ? ForeignKeys.secretKey(vault, given) : vault.work(encoded.length)) {
            if (encoded != null) {
                SignatureEngine.copy(encoded, bytes.segment(), 0);
            }
            byte[] output = new byte[engineGetOutputSize((int) bytes.bytes())];
            finish(bytes.segment(), 0, bytes.bytes(), MemorySegment.ofArray(output), 0);
            return output;
        } catch (AEADBadTagException e) {
            throw new AssertionError("sealing finds no bad tag", e);
        } finally {
            if (given instanceof CofferPrivateKey && encoded != null) {
                Arrays.fill(encoded, (byte) 0);  // made for this; what another's key gives may be its own array
            }
        }
    }

    /// A secret key stays off the heap; others are made by their factory.
    @Override
    protected Key engineUnwrap(byte[] wrapped, String algorithm, int type) throws InvalidKeyException, NoSuchAlgorithmException {
        if (!wrapping || encrypting) {
            throw new IllegalStateException("cipher: not initialised for unwrapping");
        }
        int bytes = wrapped.length - Aead.TAG_BYTES;
        if (bytes < 1) {
            throw new InvalidKeyException("a wrapped key of " + wrapped.length + " bytes");
        }
        try (Piece opened = vault.work(bytes)) {
            finish(MemorySegment.ofArray(wrapped), 0, wrapped.length, opened.segment(), 0);
            return type == Cipher.SECRET_KEY ? CofferSecretKey.copyOf(vault, algorithm, opened.segment(), 0, bytes)
                    : KeyWrapping.key(SignatureEngine.array(opened.segment(), 0, bytes), algorithm, type);
        } catch (AEADBadTagException | IllegalBlockSizeException e) {
            throw new InvalidKeyException(e.getMessage(), e);
        }
    }
}
