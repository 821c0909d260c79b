package dev.coffer.jca;

import dev.coffer.crypto.kdf.Hkdf;
import dev.coffer.memory.internal.vault.Piece;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.spec.AlgorithmParameterSpec;
import java.util.ArrayList;
import java.util.List;
import javax.crypto.KDFParameters;
import javax.crypto.KDFSpi;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;

/// HKDF (RFC 5869) as the JDK's `KDF` asks for it: extract, expand, or both. Material and keys stay off the heap where they are keys of this
/// provider; `deriveData` makes an array.
final class HkdfEngine extends KDFSpi {
    private final Vault vault;
    private final Hkdf hkdf;

    HkdfEngine(Vault vault, Hkdf hkdf, KDFParameters parameters) throws InvalidAlgorithmParameterException {
        super(parameters);
        if (parameters != null) {
            throw new InvalidAlgorithmParameterException("parameters for HKDF itself (expected an HKDFParameterSpec with each derivation)");
        }
        this.vault = vault;
        this.hkdf = hkdf;
    }

    @Override
    protected KDFParameters engineGetParameters() {
        return null;
    }

    /// What is done with the output, which is wiped afterwards.
    @FunctionalInterface
    private interface Taking<T> {
        T take(MemorySegment output, long at, long length);
    }

    @Override
    protected SecretKey engineDeriveKey(String algorithm, AlgorithmParameterSpec spec) throws InvalidAlgorithmParameterException,
            NoSuchAlgorithmException {
        if (algorithm.isEmpty()) {
            throw new NoSuchAlgorithmException("a key without a name");
        }
        return derive(spec, (output, at, length) -> CofferSecretKey.copyOf(vault, algorithm, output, at, length));
    }

    @Override
    protected byte[] engineDeriveData(AlgorithmParameterSpec spec) throws InvalidAlgorithmParameterException {
        return derive(spec, SignatureEngine::array);
    }

    private <T> T derive(AlgorithmParameterSpec spec, Taking<T> taking) throws InvalidAlgorithmParameterException {
        return switch (spec) {
            case HKDFParameterSpec.Extract extract -> derive(extract.ikms(), extract.salts(), null, hkdf.hashBytes(), taking);
            case HKDFParameterSpec.Expand expand -> derive(List.of(expand.prk()), List.of(), bytes(expand.info()), expand.length(), taking, false);
            case HKDFParameterSpec.ExtractThenExpand both -> derive(both.ikms(), both.salts(), bytes(both.info()), both.length(), taking);
            case null, default -> throw new InvalidAlgorithmParameterException("HKDF: a specification of class "
                    + (spec == null ? "null" : spec.getClass().getName()) + " (expected an HKDFParameterSpec)");
        };
    }

    private static byte[] bytes(byte[] info) {
        return info == null ? new byte[0] : info;
    }

    private <T> T derive(List<SecretKey> material, List<SecretKey> salts, byte[] info, int length, Taking<T> taking)
            throws InvalidAlgorithmParameterException {
        return derive(material, salts, info, length, taking, true);
    }

    /// @param info     null where nothing is expanded
    /// @param extract  whether the material is extracted first, else it is the pseudorandom key
    private <T> T derive(List<SecretKey> material, List<SecretKey> salts, byte[] info, int length, Taking<T> taking, boolean extract)
            throws InvalidAlgorithmParameterException {
        if (length < 1 || length > hkdf.lengthMax()) {
            throw new InvalidAlgorithmParameterException("HKDF: " + length + " bytes (expected 1 to " + hkdf.lengthMax() + ", RFC 5869 section 2.3)");
        }
        List<Piece> pieces = new ArrayList<>();  // closed below, one by one
        try (Piece salt = joined(salts, pieces); Piece key = joined(material, pieces);
                Piece room = vault.work(hkdf.workspaceBytes() + (info == null ? 0 : info.length) + (long) length)) {
            if (!extract && key.bytes() < hkdf.hashBytes()) {
                throw new InvalidAlgorithmParameterException("HKDF: a pseudorandom key of " + key.bytes() + " bytes (expected at least "
                        + hkdf.hashBytes() + ")");
            }
            MemorySegment w = room.segment();
            long infoAt = hkdf.workspaceBytes();
            long output = infoAt + (info == null ? 0 : info.length);
            long saltBytes = lengthOf(salts, salt);
            long keyBytes = lengthOf(material, key);
            if (info != null) {
                MemorySegment.copy(info, 0, w, ValueLayout.JAVA_BYTE, infoAt, info.length);
            }
            if (info == null) {
                hkdf.extract(w, 0, salt.segment(), 0, saltBytes, key.segment(), 0, keyBytes, w, output);
            } else if (extract) {
                hkdf.derive(w, 0, salt.segment(), 0, saltBytes, key.segment(), 0, keyBytes, w, infoAt, info.length, w, output, length);
            } else {
                hkdf.expand(w, 0, key.segment(), 0, keyBytes, w, infoAt, info.length, w, output, length);
            }
            return taking.take(w, output, length);
        } finally {
            pieces.forEach(Piece::close);
        }
    }

    /// {@return bytes of the keys together; an empty row takes a piece all the same}
    private static long lengthOf(List<SecretKey> keys, Piece joined) {
        return keys.isEmpty() ? 0 : joined.bytes();
    }

    private Piece joined(List<SecretKey> keys, List<Piece> pieces) throws InvalidAlgorithmParameterException {
        long bytes = 0;
        int from = pieces.size();
        for (SecretKey key : keys) {
            try {
                Piece one = ForeignKeys.secretKey(vault, key);
                pieces.add(one);
                bytes += one.bytes();
            } catch (InvalidKeyException e) {
                throw new InvalidAlgorithmParameterException(e.getMessage(), e);
            }
        }
        Piece all = vault.work(bytes);
        long at = 0;
        for (Piece one : pieces.subList(from, pieces.size())) {
            MemorySegment.copy(one.segment(), 0, all.segment(), at, one.bytes());
            at += one.bytes();
        }
        return all;
    }
}
