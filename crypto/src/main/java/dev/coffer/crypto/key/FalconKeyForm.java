package dev.coffer.crypto.key;

import dev.coffer.crypto.Signature;
import dev.coffer.crypto.falcon.Falcon;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Keys of Falcon, for which no standard says how: identifiers are those that the Open Quantum Safe project gave provisionally, and Bouncy
/// Castle took; a private key is written as Bouncy Castle does, in a SEQUENCE of version 0, f, g, F and a SEQUENCE of h, all without the
/// headers that the submission's encodings (section 3.11) begin with.
final class FalconKeyForm extends KeyForm {
    private static final int HEADER = 0x50;
    private static final int PARTS = 3;
    /// Bytes before the content of an OCTET STRING of 256 to 65535.
    private static final int TAG_BYTES = 4;

    private final Falcon falcon;
    private final int logn;
    private final int[] parts;  // bytes of f, g, F

    FalconKeyForm(Falcon falcon, int logn, String identifier) {
        super(falcon.privateKeyBytes(), falcon.publicKeyBytes(), falcon.seedBytes(), falcon.signWorkspaceBytes(), identifier);
        this.falcon = falcon;
        this.logn = logn;
        int large = 1 << logn;
        int small = (privateBytes - 1 - large) / 2;
        this.parts = new int[] {small, small, large};
    }

    @Override
    boolean makePair(MemorySegment w, long seed, long pair, long at) {
        return falcon.keyPair(w, seed, w, pair + privateBytes, w, pair, w, at);
    }

    @Override
    boolean completePair(MemorySegment w, long pair, long at) {
        return falcon.publicKey(w, pair, w, pair + privateBytes, w, at);
    }

    @Override
    int encodedPrivateBytes(PrivateKeyForm form) {
        return DerWriter.bytes(content());
    }

    private int content() {
        int content = DerWriter.bytes(1) + DerWriter.bytes(DerWriter.bytes(publicBytes - 1));
        for (int part : parts) {
            content += DerWriter.bytes(part);
        }
        return content;
    }

    @Override
    void writePrivate(DerWriter der, PrivateKeyForm form, MemorySegment key, long keyAt) {
        der.open(DerReader.SEQUENCE, content()).version(0);
        long from = keyAt + 1;
        for (int part : parts) {
            der.open(DerReader.OCTET_STRING, part).copy(key, from, part);
            from += part;
        }
        der.open(DerReader.SEQUENCE, DerWriter.bytes(publicBytes - 1));
        der.open(DerReader.OCTET_STRING, publicBytes - 1).copy(key, keyAt + privateBytes + 1, publicBytes - 1);
    }

    @Override
    void readPrivate(DerReader octets, KeyParser key) {
        DerReader parts = octets.open(DerReader.SEQUENCE);
        if (parts.version() != 0) {
            throw new KeyFormatException(KeyFormatException.Reason.UNKNOWN_VERSION);
        }
        key.privateAt = parts.octets(DerReader.OCTET_STRING, this.parts[0]);
        for (int i = 1; i < PARTS; i++) {
            parts.octets(DerReader.OCTET_STRING, this.parts[i]);
        }
        if (parts.has(DerReader.SEQUENCE)) {
            DerReader h = parts.open(DerReader.SEQUENCE);
            key.publicAt = h.octets(DerReader.OCTET_STRING, publicBytes - 1);
            key.publicLength = publicBytes - 1;
            h.finish();
        }
        parts.finish();
    }

    /// f, g and F, each in an OCTET STRING, behind a header of our own.
    @Override
    void takePrivate(MemorySegment source, long privateAt, MemorySegment w, long pair) {
        w.set(ValueLayout.JAVA_BYTE, pair, (byte) (HEADER + logn));
        long from = privateAt;
        long to = pair + 1;
        for (int part : parts) {
            MemorySegment.copy(source, from, w, to, part);
            from += part + TAG_BYTES;
            to += part;
        }
    }

    /// That which a private key carries has no header.
    @Override
    boolean readOwnPublic(MemorySegment encoded, long encodedAt, long length, MemorySegment target, long targetAt, MemorySegment w, long at) {
        if (length != publicBytes - 1) {
            return readPublic(encoded, encodedAt, length, target, targetAt, w, at);
        }
        target.set(ValueLayout.JAVA_BYTE, targetAt, (byte) logn);
        MemorySegment.copy(encoded, encodedAt, target, targetAt + 1, length);
        return true;
    }

    /// Another set's header is no key of this one.
    @Override
    boolean readPublic(MemorySegment encoded, long encodedAt, long length, MemorySegment target, long targetAt, MemorySegment w, long at) {
        return length == publicBytes && encoded.get(ValueLayout.JAVA_BYTE, encodedAt) == logn
                && super.readPublic(encoded, encodedAt, length, target, targetAt, w, at);
    }

    @Override
    Signature signature() {
        return falcon;
    }
}
