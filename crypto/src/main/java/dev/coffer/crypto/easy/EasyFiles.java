package dev.coffer.crypto.easy;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.Hash;
import dev.coffer.crypto.falcon.Falcon;
import dev.coffer.crypto.falcon.FalconForm;
import dev.coffer.crypto.falcon.FalconMessage;
import dev.coffer.crypto.internal.NewFile;
import dev.coffer.crypto.mldsa.MlDsa;
import dev.coffer.memory.Wipe;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/// What an [EasyCrypto] does with files, which are read from the kernel straight into off-heap memory and written straight from it. Whoever
/// calls is alone inside.
final class EasyFiles {
    private static final MemorySegment NONE = MemorySegment.ofArray(new byte[0]);
    private static final long STATE = EasyCrypto.STATE;
    private static final long MU = STATE + Math.max(FalconMessage.STATE_BYTES, Math.max(Hash.STATE_BYTES_MAX, MlDsa.STATE_BYTES));

    private final EasyCrypto owner;
    private final EasySealing sealing;
    private final MemorySegment scratch;
    private final MemorySegment temporaries;
    private final MemorySegment file;

    EasyFiles(EasyCrypto owner, EasySealing sealing, MemorySegment scratch, MemorySegment temporaries, MemorySegment file) {
        this.owner = owner;
        this.sealing = sealing;
        this.scratch = scratch;
        this.temporaries = temporaries;
        this.file = file;
    }

    /// What takes the pieces of a file.
    private interface Piece {
        void take(long length);
    }

    /// The text is sealed where it was read, behind the room for its head.
    long seal(PublicKey<? extends KemSet> to, Path from, Path into) throws IOException {
        int overhead = EasySealing.overheadBytes(to.set());
        int head = overhead - Aead.TAG_BYTES;
        try {
            long length = readWhole(from, file, head, owner.config().messageBytesMax());
            sealing.seal(to.set(), to.segment(), to.offset(), NONE, 0, 0, file, head, length, file, 0);
            NewFile.write(into, file, 0, length + overhead, false);
            return length;
        } finally {
            Wipe.segment(file);
        }
    }

    long open(SecretKey<? extends KemSet> key, Path from, Path into) throws IOException {
        int overhead = EasySealing.overheadBytes(key.set());
        int head = overhead - Aead.TAG_BYTES;
        try {
            long length = readWhole(from, file, 0, owner.config().messageBytesMax() + overhead);
            long text = OpenException.checked(sealing.open(key.set(), key.segment(), key.offset(), NONE, 0, 0, file, 0, length, file, head));
            NewFile.write(into, file, head, text, true);
            return text;
        } finally {
            Wipe.segment(file);
        }
    }

    byte[] sign(SecretKey<? extends SignatureSet.InPieces> key, Path from) throws IOException {
        byte[] signature = new byte[key.set().signatureBytes()];
        try {
            boolean signed = switch ((SignatureSet.InPieces) key.set()) {
                case SignatureSet.MlDsaSet set -> sign(set.dsa, key, from, MemorySegment.ofArray(signature));
                case SignatureSet.FalconSet set -> sign(set.falcon, key, from, MemorySegment.ofArray(signature));
            };
            if (!signed) {
                throw new IllegalStateException(key + ": overwritten, no key any more");
            }
            return signature;
        } finally {
            wipeState();
        }
    }

    private boolean sign(MlDsa dsa, SecretKey<?> key, Path from, MemorySegment signature) throws IOException {
        mu(from, key.segment(), key.offset() + 64);  // tr, algorithm 24
        return dsa.signMu(owner.entropy, key.segment(), key.offset(), temporaries, MU, signature, 0, scratch, 0);
    }

    private boolean sign(Falcon falcon, SecretKey<?> key, Path from, MemorySegment signature) throws IOException {
        FalconMessage.beginSigning(owner.entropy, temporaries, STATE);
        message(from);
        return falcon.signMessage(FalconForm.PADDED, owner.entropy, key.segment(), key.offset(), temporaries, STATE, signature, 0, scratch, 0) != 0;
    }

    boolean verify(PublicKey<? extends SignatureSet.InPieces> key, Path from, byte[] signature) throws IOException {
        try {
            return switch ((SignatureSet.InPieces) key.set()) {
                case SignatureSet.MlDsaSet set -> verify(set.dsa, key, from, MemorySegment.ofArray(signature));
                case SignatureSet.FalconSet set -> verify(set.falcon, key, from, MemorySegment.ofArray(signature));
            };
        } finally {
            wipeState();
        }
    }

    private boolean verify(MlDsa dsa, PublicKey<?> key, Path from, MemorySegment signature) throws IOException {
        dsa.hashPublicKey(key.segment(), key.offset(), temporaries, MU, scratch, 0);
        mu(from, temporaries, MU);
        return dsa.verifyMu(key.segment(), key.offset(), temporaries, MU, signature, 0, signature.byteSize(), scratch, 0);
    }

    private boolean verify(Falcon falcon, PublicKey<?> key, Path from, MemorySegment signature) throws IOException {
        FalconMessage.beginVerifying(signature, 0, signature.byteSize(), temporaries, STATE);
        message(from);
        return falcon.verifyMessage(FalconForm.PADDED, key.segment(), key.offset(), temporaries, STATE, signature, 0, signature.byteSize(), scratch,
                0);
    }

    /// Takes a file into the state of a message of Falcon in the temporaries.
    private void message(Path from) throws IOException {
        try {
            read(from, file, 0, owner.config().messageBytesMax(), length -> FalconMessage.update(file, 0, length, temporaries, STATE));
        } finally {
            Wipe.segment(file);
        }
    }

    /// Leaves mu of a file (FIPS 204, section 6.2) in the temporaries.
    private void mu(Path from, MemorySegment tr, long trAt) throws IOException {
        MlDsa.beginMu(tr, trAt, NONE, 0, 0, temporaries, STATE);
        try {
            read(from, file, 0, owner.config().messageBytesMax(), length -> MlDsa.updateMu(file, 0, length, temporaries, STATE));
        } finally {
            Wipe.segment(file);
        }
        MlDsa.endMu(temporaries, MU, temporaries, STATE);
    }

    byte[] hash(Hash hash, Path from) throws IOException {
        byte[] digest = new byte[hash.digestBytes()];
        try {
            hash.init(temporaries, STATE);
            read(from, file, 0, owner.config().messageBytesMax(), length -> hash.update(temporaries, STATE, file, 0, length));
            hash.digest(temporaries, STATE, MemorySegment.ofArray(digest), 0);
            return digest;
        } finally {
            try {
                Wipe.segment(file);
            } finally {
                wipeState();
            }
        }
    }

    private void wipeState() {
        Wipe.bytes(temporaries, STATE, temporaries.byteSize() - STATE);
    }

    /// Reads a file to its end, piece by piece, each into the same place.
    private static void read(Path file, MemorySegment memory, long at, long most, Piece piece) throws IOException {
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            ByteBuffer buffer = memory.asSlice(at, most).asByteBuffer();
            while (channel.read(buffer.clear()) >= 0) {
                piece.take(buffer.position());
            }
        }
    }

    /// Reads a whole file, and looks one byte past what may be there.
    ///
    /// @throws IllegalArgumentException  it is longer (caller's fault)
    private static long readWhole(Path file, MemorySegment memory, long at, long most) throws IOException {
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            ByteBuffer buffer = memory.asSlice(at, most + 1).asByteBuffer();
            while (channel.read(buffer) >= 0) {
                if (!buffer.hasRemaining()) {
                    throw new IllegalArgumentException("easy crypto: a file of more than " + most + " bytes (expected a shorter one, or "
                            + "withMessageBytesMax)");
                }
            }
            return buffer.position();
        }
    }
}
