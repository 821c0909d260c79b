package dev.coffer.crypto.key;

import java.lang.foreign.MemorySegment;

/// Keys whose private half has three forms in files (RFC 9935, section 6; RFC 9881, section 6). A pair keeps its seed where it knows it.
abstract class SeededForm extends KeyForm {
    private static final int SEED = 0x80;  // [0], implicit

    SeededForm(int privateBytes, int publicBytes, int seedBytes, long operationBytes, String identifier) {
        super(privateBytes, publicBytes, seedBytes, operationBytes, identifier);
    }

    @Override
    final boolean keepsSeed() {
        return true;
    }

    /// Both keys of a seed.
    abstract void makeBoth(MemorySegment w, long seed, long pair, long at);

    @Override
    final boolean makePair(MemorySegment w, long seed, long pair, long at) {
        makeBoth(w, seed, pair, at);
        MemorySegment.copy(w, seed, w, pair + privateBytes + publicBytes, seedBytes);
        return true;
    }

    private int bothBytes() {
        return DerWriter.bytes(seedBytes) + DerWriter.bytes(privateBytes);
    }

    @Override
    int encodedPrivateBytes(PrivateKeyForm form) {
        return DerWriter.bytes(switch (form) {
            case SEED -> seedBytes;
            case EXPANDED -> privateBytes;
            case BOTH -> bothBytes();
        });
    }

    @Override
    void writePrivate(DerWriter der, PrivateKeyForm form, MemorySegment key, long keyAt) {
        long seedAt = keyAt + privateBytes + publicBytes;
        if (form == PrivateKeyForm.SEED) {
            der.open(SEED, seedBytes).copy(key, seedAt, seedBytes);
            return;
        }
        if (form == PrivateKeyForm.BOTH) {
            der.open(DerReader.SEQUENCE, bothBytes());
            der.open(DerReader.OCTET_STRING, seedBytes).copy(key, seedAt, seedBytes);
        }
        der.open(DerReader.OCTET_STRING, privateBytes).copy(key, keyAt, privateBytes);
    }

    @Override
    void readPrivate(DerReader octets, KeyParser key) {
        if (octets.has(SEED)) {
            key.seedAt = octets.octets(SEED, seedBytes);
        } else if (octets.has(DerReader.SEQUENCE)) {
            DerReader both = octets.open(DerReader.SEQUENCE);
            key.seedAt = both.octets(DerReader.OCTET_STRING, seedBytes);
            key.privateAt = both.octets(DerReader.OCTET_STRING, privateBytes);
            both.finish();
        } else {
            key.privateAt = octets.octets(DerReader.OCTET_STRING, privateBytes);
        }
    }
}
