package dev.coffer.crypto.easy;

import dev.coffer.crypto.Kem;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.pool.BlockAllocator;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/// Keys, sealed messages, signatures, shared secrets and hashes in one object that owns plan, region and entropy.
///
/// **What is copied.** Keys, shared secrets and everything computed from them are off the heap in a region that is locked, guarded, left
/// out of dumps and wiped (as far as the system lets us), and never leave it. The forms over `byte[]` read your array where it lies and make
/// the one they return; the forms over `String` make one array more. What is on the heap, *texts included*, nobody wipes. The forms over
/// [MemorySegment] and [Path] put no text on the heap. Files are read to their end, written anew (an existing one is refused), for their
/// owner alone where they hold a text.
///
/// **Faults.** What a peer sent wrong is an [OpenException], or `false` from [#verify]; a text or associated data above the bounds of
/// [EasyConfig], a key that is closed or none, and ranges that overlap are the caller's: [IllegalArgumentException],
/// [IllegalStateException], [IndexOutOfBoundsException], and nothing was written. Where there is no room for another key,
/// [dev.coffer.memory.pool.BlocksExhaustedException]: close some.
///
/// **Threads.** One at a time, object and what it made; a call while another one runs is refused with [IllegalStateException]. An object
/// a thread is the way: nothing is shared. Signatures, public keys and sealed messages cross as bytes.
///
/// A message that is sealed twice differs; who sealed it is not shown (sign for that); one that is repeated opens again. Signatures are
/// hedged, without a context, plain ML-DSA that any other implementation verifies.
public final class EasyCrypto implements AutoCloseable {
    private static final String NAME = "easy crypto";
    private static final KemSet[] KEMS = {KemSet.MlKem512.SET, KemSet.MlKem768.SET, KemSet.MlKem1024.SET, KemSet.XWing768.SET};
    private static final MemorySegment NONE = MemorySegment.ofArray(new byte[0]);

    // Temporaries, behind those of sealing.
    static final long SEED = EasySealing.BYTES;
    static final long STATE = SEED + 128;

    private final EasyConfig config;
    final Entropy entropy;
    private final Region region;
    private final MemorySegment scratch;
    private final MemorySegment temporaries;
    private final MemorySegment file;
    private final BlockAllocator objects;
    private final EasyPieces pieces;
    private final EasySealing sealing;
    private final EasyAlgorithms algorithms;
    private final EasyFiles files;
    private final AtomicBoolean busy = new AtomicBoolean();

    private EasyCrypto(EasyConfig config, Entropy entropy, Region region) {
        this.config = config;
        this.entropy = entropy;
        this.region = region;
        this.scratch = region.carve("scratch");
        this.temporaries = region.carve("temporaries");
        this.file = region.carve("file");
        this.objects = BlockAllocator.open(config.blocks(), region);
        this.pieces = new EasyPieces(this, objects);
        this.algorithms = new EasyAlgorithms(config, entropy, scratch, temporaries);
        this.sealing = new EasySealing(scratch, temporaries, entropy, KEMS);
        this.files = new EasyFiles(this, sealing, scratch, temporaries, file);
    }

    /// {@return an object with the bounds of [EasyConfig#defaults] and the system's entropy}
    ///
    /// @throws dev.coffer.memory.MemoryLimitException  there is no room for it (the machine's)
    public static EasyCrypto open() {
        return open(EasyConfig.defaults(), Entropy.SYSTEM);
    }

    /// {@return an object}
    ///
    /// @param entropy  `Entropy.SYSTEM` but in tests
    public static EasyCrypto open(EasyConfig config, Entropy entropy) {
        Objects.requireNonNull(entropy);
        Region region = Region.open(RegionConfig.defaults("easy-crypto"), config.plan());
        boolean opened = false;
        try {
            EasyCrypto crypto = new EasyCrypto(config, entropy, region);
            opened = true;
            return crypto;
        } finally {
            if (!opened) {
                region.close();
            }
        }
    }

    private void enter() {
        if (!busy.compareAndSet(false, true)) {
            throw new IllegalStateException(NAME + ": in use (expected one thread at a time)");
        }
        if (region.isClosed()) {
            leave();
            throw new IllegalStateException(NAME + ": closed");
        }
    }

    private void leave() {
        busy.set(false);
    }

    /// What is done while nobody else is inside; the forms over the caller's memory do without, as it is an object.
    private interface Work<T, E extends Exception> {
        T run() throws E;
    }

    private <T, E extends Exception> T inside(Work<T, E> work) throws E {
        enter();
        try {
            return work.run();
        } finally {
            leave();
        }
    }

    /// For [FixedBytes#close]. A region that is closed has wiped it.
    void release(long piece) {
        if (!region.isClosed()) {
            enter();
            try {
                objects.release(piece);
            } finally {
                leave();
            }
        }
    }

    /// {@return a pair of keys that seals and encapsulates, of fresh random bytes}
    public <K extends KemSet> KeyPair<K> keygen(Level<K, ?> level) {
        Kem kem = level.kem().kem();
        return inside(() -> pieces.pair(level.kem(), (pk, sk) -> algorithms.keyPair(kem, pk, sk)));
    }

    /// {@return a pair of keys that signs, of fresh random bytes}
    public <S extends SignatureSet> KeyPair<S> keygenToSign(Level<?, S> level) {
        dev.coffer.crypto.Signature scheme = level.signature().scheme();
        return inside(() -> pieces.pair(level.signature(), (pk, sk) -> algorithms.keyPair(scheme, pk, sk)));
    }

    /// {@return a public key of bytes that came from elsewhere; a copy of them}
    ///
    /// @param set  what it is of, such as `Level.THREE.kem()` or `Level.THREE.signature()`
    /// @throws IllegalArgumentException  another number of bytes (the fault of who sent them)
    public <P extends ParameterSet> PublicKey<P> publicKey(P set, byte[] bytes) {
        checkLength("public key", set, bytes.length, set.publicKeyBytes());
        PublicKey<P> publicKey = inside(() -> pieces.newPublicKey(set));
        MemorySegment.copy(bytes, 0, publicKey.segment(), ValueLayout.JAVA_BYTE, publicKey.offset(), bytes.length);
        return publicKey;
    }

    private static void checkLength(String what, ParameterSet set, long length, long expected) {
        if (length != expected) {
            throw new IllegalArgumentException(what + " of " + set + ": " + length + " bytes (expected " + expected + ")");
        }
    }

    /// Makes a secret that the holder of a key can have too.
    ///
    /// @throws IllegalArgumentException  a public key that is none (the fault of who made it)
    public <K extends KemSet> Encapsulated<K> encapsulate(PublicKey<K> to) {
        return inside(() -> pieces.encapsulated(to.set(), (ciphertext, shared) -> algorithms.encapsulate(to, ciphertext, shared)));
    }

    /// Encapsulates over the caller's memory: writes ciphertext and secret. 0 heap bytes.
    ///
    /// @throws IllegalArgumentException  a public key that is none (the fault of who made it), or objects of two sets (the caller's);
    ///                                   nothing is written
    public <K extends KemSet> void encapsulate(PublicKey<K> to, Ciphertext<K> ciphertext, SharedSecret<K> shared) {
        EasyAlgorithms.checkSet(to.set(), ciphertext);
        EasyAlgorithms.checkSet(to.set(), shared);
        enter();
        try {
            algorithms.encapsulate(to, ciphertext, shared);
        } finally {
            leave();
        }
    }

    /// {@return the secret of a ciphertext that came as bytes}
    ///
    /// A ciphertext that is not for this key, or was changed, gives another secret (FIPS 203, section 6.3): what is sealed with it tells.
    ///
    /// @throws OpenException  another number of bytes, or a point of small order (the peer's fault)
    public <K extends KemSet> SharedSecret<K> decapsulate(SecretKey<K> key, byte[] ciphertext) {
        if (ciphertext.length != key.set().ciphertextBytes()) {
            throw new OpenException(OpenException.Reason.UNKNOWN_FORMAT);
        }
        return inside(() -> pieces.sharedSecret(key.set(), shared -> algorithms.decapsulate(key, MemorySegment.ofArray(ciphertext), 0, shared)));
    }

    /// Decapsulates over the caller's memory: writes the secret. 0 heap bytes.
    ///
    /// @throws OpenException             a point of small order (the peer's fault); nothing is written
    /// @throws IllegalArgumentException  objects of two sets (caller's fault); nothing is written
    public <K extends KemSet> void decapsulate(SecretKey<K> key, Ciphertext<K> ciphertext, SharedSecret<K> shared) {
        EasyAlgorithms.checkSet(key.set(), ciphertext);
        EasyAlgorithms.checkSet(key.set(), shared);
        enter();
        try {
            algorithms.decapsulate(key, ciphertext.segment(), ciphertext.offset(), shared);
        } finally {
            leave();
        }
    }

    /// {@return bytes of a sealed message: 2, an encapsulated key, 32, the text, 16}
    public static long sealedBytes(KemSet set, long textBytes) {
        return EasySealing.overheadBytes(set) + textBytes;
    }

    /// Seals over memory: writes [#sealedBytes]. 0 heap bytes.
    ///
    /// @param aad     authenticated, not encrypted; may be of length 0
    /// @param output  apart from the rest; or so that the text starts where its ciphertext will, 16 bytes before the end of what is added
    /// @throws IllegalArgumentException  a public key that is none (the fault of who made it), too; nothing is written
    public void seal(PublicKey<? extends KemSet> to, MemorySegment aad, long aadAt, long aadLength, MemorySegment text, long textAt,
            long length, MemorySegment output, long outputAt) {
        checkBounds(length, aadLength);
        enter();
        try {
            sealing.seal(to.set(), to.segment(), to.offset(), aad, aadAt, aadLength, text, textAt, length, output, outputAt);
        } finally {
            leave();
        }
    }

    private void checkBounds(long length, long aadLength) {
        if (length > config.messageBytesMax() || aadLength > config.associatedBytesMax()) {
            throw new IllegalArgumentException(NAME + ": " + length + " bytes of text, " + aadLength + " of associated data (expected at most "
                    + config.messageBytesMax() + " and " + config.associatedBytesMax() + ")");
        }
    }

    /// {@return a sealed message}
    public byte[] seal(PublicKey<? extends KemSet> to, byte[] text) {
        return seal(to, text, new byte[0]);
    }

    /// {@return a sealed message, with associated data that must be there again to open it}
    public byte[] seal(PublicKey<? extends KemSet> to, byte[] text, byte[] aad) {
        checkBounds(text.length, aad.length);
        byte[] sealed = new byte[(int) sealedBytes(to.set(), text.length)];
        seal(to, MemorySegment.ofArray(aad), 0, aad.length, MemorySegment.ofArray(text), 0, text.length, MemorySegment.ofArray(sealed), 0);
        return sealed;
    }

    /// {@return a sealed message of a text in UTF-8}
    public byte[] seal(PublicKey<? extends KemSet> to, String text) {
        return seal(to, text.getBytes(StandardCharsets.UTF_8));
    }

    /// Seals a file of at most [EasyConfig#messageBytesMax] bytes into a new one.
    ///
    /// @throws IOException  a file cannot be read, or the new one exists or cannot be written; then it is not there
    public void seal(PublicKey<? extends KemSet> to, Path from, Path into) throws IOException {
        inside(() -> files.seal(to, from, into));
    }

    /// Opens over memory: writes the text. 0 heap bytes where it opens.
    ///
    /// @param length  bytes of the sealed message, whatever came
    /// @param output  room for the text; apart from the rest, or starting where its ciphertext does
    /// @return bytes of the text
    /// @throws OpenException  it does not open (the peer's fault); nothing is written
    public long open(SecretKey<? extends KemSet> key, MemorySegment aad, long aadAt, long aadLength, MemorySegment sealed, long sealedAt,
            long length, MemorySegment output, long outputAt) {
        Ranges.check(NAME, aad, aadAt, aadLength);
        Ranges.check(NAME, sealed, sealedAt, length);
        checkBounds(0, aadLength);
        enter();
        try {
            return OpenException.checked(length - EasySealing.overheadBytes(key.set()) > config.messageBytesMax() ? EasySealing.UNKNOWN_FORMAT
                    : sealing.open(key.set(), key.segment(), key.offset(), aad, aadAt, aadLength, sealed, sealedAt, length, output, outputAt));
        } finally {
            leave();
        }
    }

    /// {@return the text of a sealed message, on the heap, where nobody wipes it}
    ///
    /// @throws OpenException  it does not open (the peer's fault)
    public byte[] open(SecretKey<? extends KemSet> key, byte[] sealed) {
        return open(key, sealed, new byte[0]);
    }

    /// {@return the text of a message that was sealed with associated data, on the heap, where nobody wipes it}
    ///
    /// @throws OpenException  it does not open (the peer's fault)
    public byte[] open(SecretKey<? extends KemSet> key, byte[] sealed, byte[] aad) {
        byte[] text = new byte[Math.max(0, sealed.length - EasySealing.overheadBytes(key.set()))];
        open(key, MemorySegment.ofArray(aad), 0, aad.length, MemorySegment.ofArray(sealed), 0, sealed.length, MemorySegment.ofArray(text), 0);
        return text;
    }

    /// {@return the text of a sealed message as UTF-8, on the heap, where nobody wipes it}
    ///
    /// @throws OpenException  it does not open (the peer's fault)
    /// @throws IllegalArgumentException  it is authentic, but no UTF-8 (the sender's fault)
    public String openText(SecretKey<? extends KemSet> key, byte[] sealed) {
        return EasySealing.text(open(key, sealed));
    }

    /// Opens a sealed file into a new one, which its owner alone may read.
    ///
    /// @throws IOException    a file cannot be read, or the new one exists or cannot be written; then it is not there
    /// @throws OpenException  it does not open (the peer's fault); there is no new file
    public void open(SecretKey<? extends KemSet> key, Path from, Path into) throws IOException {
        inside(() -> files.open(key, from, into));
    }

    /// {@return a message sealed under a secret that both sides have; it differs each time, also in both directions}
    public byte[] seal(SharedSecret<?> secret, byte[] text) {
        checkBounds(text.length, 0);
        byte[] sealed = new byte[text.length + EasySealing.SHARED_OVERHEAD_BYTES];
        return inside(() -> {
            sealing.sealShared(secret.segment(), secret.offset(), NONE, 0, 0, MemorySegment.ofArray(text), 0, text.length,
                    MemorySegment.ofArray(sealed), 0);
            return sealed;
        });
    }

    /// {@return the text of a message that was sealed under a shared secret, on the heap, where nobody wipes it}
    ///
    /// @throws OpenException  it does not open (the peer's fault)
    public byte[] open(SharedSecret<?> secret, byte[] sealed) {
        byte[] text = new byte[Math.max(0, sealed.length - EasySealing.SHARED_OVERHEAD_BYTES)];
        inside(() -> OpenException.checked(text.length > config.messageBytesMax() ? EasySealing.UNKNOWN_FORMAT
                : sealing.openShared(secret.segment(), secret.offset(), NONE, 0, 0, MemorySegment.ofArray(sealed), 0, sealed.length,
                        MemorySegment.ofArray(text), 0)));
        return text;
    }

    /// Signs over memory, messages of any length. 0 heap bytes.
    ///
    /// @throws IllegalArgumentException  a signature of another set (caller's fault); nothing is written
    public <S extends SignatureSet> void sign(SecretKey<S> key, MemorySegment message, long messageAt, long length,
            Signature<S> signature) {
        EasyAlgorithms.checkSet(key.set(), signature);
        enter();
        try {
            algorithms.sign(key, message, messageAt, length, signature.segment(), signature.offset());
        } finally {
            leave();
        }
    }

    /// {@return a signature of a message}
    public byte[] sign(SecretKey<? extends SignatureSet> key, byte[] message) {
        byte[] signature = new byte[key.set().signatureBytes()];
        return inside(() -> {
            algorithms.sign(key, MemorySegment.ofArray(message), 0, message.length, MemorySegment.ofArray(signature), 0);
            return signature;
        });
    }

    /// {@return a signature of a text in UTF-8}
    public byte[] sign(SecretKey<? extends SignatureSet> key, String text) {
        return sign(key, text.getBytes(StandardCharsets.UTF_8));
    }

    /// {@return a signature of a file of any length, as of its bytes in one piece}
    ///
    /// @throws IOException  it cannot be read
    public byte[] sign(SecretKey<? extends SignatureSet.InPieces> key, Path from) throws IOException {
        algorithms.checkScratch(key.set(), key.set().scheme().signWorkspaceBytes());
        return inside(() -> files.sign(key, from));
    }

    /// {@return whether a signature over memory is valid} 0 heap bytes.
    public <S extends SignatureSet> boolean verify(PublicKey<S> key, MemorySegment message, long messageAt, long length,
            Signature<S> signature) {
        enter();
        try {
            return algorithms.verify(key, message, messageAt, length, signature.segment(), signature.offset(), signature.bytes());
        } finally {
            leave();
        }
    }

    /// {@return whether a signature of a message is valid; false too for another number of bytes}
    public boolean verify(PublicKey<? extends SignatureSet> key, byte[] message, byte[] signature) {
        return inside(() -> algorithms.verify(key, MemorySegment.ofArray(message), 0, message.length, MemorySegment.ofArray(signature), 0,
                signature.length));
    }

    /// {@return whether a signature of a text in UTF-8 is valid}
    public boolean verify(PublicKey<? extends SignatureSet> key, String text, byte[] signature) {
        return verify(key, text.getBytes(StandardCharsets.UTF_8), signature);
    }

    /// {@return whether a signature of a file of any length is valid}
    ///
    /// @throws IOException  it cannot be read
    public boolean verify(PublicKey<? extends SignatureSet.InPieces> key, Path from, byte[] signature) throws IOException {
        algorithms.checkScratch(key.set(), key.set().scheme().workspaceBytes());
        return inside(() -> files.verify(key, from, signature));
    }

    /// Hashes over memory: writes the digest. 0 heap bytes.
    public void hash(Level<?, ?> level, MemorySegment message, long messageAt, long length, MemorySegment output, long outputAt) {
        enter();
        try {
            level.hash().hash(temporaries, STATE, message, messageAt, length, output, outputAt);
        } finally {
            leave();
        }
    }

    /// {@return the digest of a message}
    public byte[] hash(Level<?, ?> level, byte[] message) {
        byte[] digest = new byte[level.hash().digestBytes()];
        hash(level, MemorySegment.ofArray(message), 0, message.length, MemorySegment.ofArray(digest), 0);
        return digest;
    }

    /// {@return the digest of a text in UTF-8}
    public byte[] hash(Level<?, ?> level, String text) {
        return hash(level, text.getBytes(StandardCharsets.UTF_8));
    }

    /// {@return the digest of a file of any length}
    ///
    /// @throws IOException  it cannot be read
    public byte[] hash(Level<?, ?> level, Path from) throws IOException {
        return inside(() -> files.hash(level.hash(), from));
    }

    /// For tests: nothing lies in the rows between calls.
    void assertWiped() {
        for (MemorySegment row : new MemorySegment[] {scratch, temporaries, file}) {
            if (!ConstantTime.isZero(row, 0, row.byteSize())) {
                throw new AssertionError("a row of " + row.byteSize() + " bytes is not wiped");
            }
        }
    }

    /// {@return the bounds}
    public EasyConfig config() {
        return config;
    }

    /// {@return bytes of keys, ciphertexts and secrets that are open, in whole blocks of 64}
    public long objectBytesUsed() {
        return objects.usedBytes();
    }

    /// Wipes everything, keys that are still open too, and gives the memory back. Twice is harmless.
    ///
    /// @throws IllegalStateException  another thread is inside a call (caller's fault)
    @Override
    public void close() {
        if (region.isClosed()) {
            return;
        }
        enter();
        try {
            region.close();
        } finally {
            leave();
        }
    }

    @Override
    public String toString() {
        return NAME + "[" + (region.isClosed() ? "closed" : objects.usedBytes() + " of " + config.objectBytes() + " bytes of objects") + "]";
    }
}
