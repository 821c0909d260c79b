package dev.coffer.jca;

import dev.coffer.crypto.key.KeyAlgorithm;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyFactorySpi;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.KeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;

/// Keys of a family, or of one parameter set, from encodings and from numbers, and back. What is not read here the JCA offers to the next
/// provider, so P-384 goes on working.
final class KeyFactoryEngine extends KeyFactorySpi {
    // PKCS#8 up to the private key (RFC 5915 and RFC 8410, section 7): what numbers are put behind, to be read as all others.
    private static final byte[] P256_FRONT = HexFormat.of().parseHex("3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420");
    private static final byte[] ED25519_FRONT = HexFormat.of().parseHex("302e020100300506032b657004220420");
    private static final byte[] X25519_FRONT = HexFormat.of().parseHex("302e020100300506032b656e04220420");
    private static final int PRIVATE_BYTES = 32;

    private final Vault vault;
    private final Set<KeyAlgorithm> allowed;

    KeyFactoryEngine(Vault vault, Set<KeyAlgorithm> allowed) {
        this.vault = vault;
        this.allowed = allowed;
    }

    @Override
    protected PublicKey engineGeneratePublic(KeySpec spec) throws InvalidKeySpecException {
        return switch (spec) {
            case X509EncodedKeySpec encoded -> ForeignKeys.readPublic(vault, allowed, encoded.getEncoded());
            case ECPublicKeySpec ec when allowed.contains(KeyAlgorithm.P256) && P256Curve.is(ec.getParams()) ->
                checked(KeyAlgorithm.P256, P256Curve.uncompressed(ec.getW()));
            case XECPublicKeySpec x when isNamed(KeyAlgorithm.X25519, x.getParams()) ->
                checked(KeyAlgorithm.X25519, X25519PublicKey.bytes(x.getU()));
            case EdECPublicKeySpec ed when isNamed(KeyAlgorithm.ED25519, ed.getParams()) ->
                checked(KeyAlgorithm.ED25519, Ed25519PublicKey.bytes(ed.getPoint()));
            case null, default -> throw unknown(spec);
        };
    }

    /// A point that the caller made is looked at as one that was read.
    private CofferPublicKey checked(KeyAlgorithm algorithm, byte[] bytes) throws InvalidKeySpecException {
        if (bytes == null) {
            throw new InvalidKeySpecException("a public key of " + algorithm + " with a number out of its range");
        }
        return ForeignKeys.readPublic(vault, allowed, CofferPublicKey.of(algorithm, bytes).getEncoded());
    }

    @Override
    protected PrivateKey engineGeneratePrivate(KeySpec spec) throws InvalidKeySpecException {
        switch (spec) {
            case PKCS8EncodedKeySpec encoded -> {
                byte[] copy = encoded.getEncoded();
                try {
                    return CofferPrivateKey.of(ForeignKeys.readPrivate(vault, allowed, copy));
                } finally {
                    Arrays.fill(copy, (byte) 0);
                }
            }
            case ECPrivateKeySpec ec when allowed.contains(KeyAlgorithm.P256) && P256Curve.is(ec.getParams()) -> {
                byte[] s = new byte[PRIVATE_BYTES];
                if (!P256Curve.number(ec.getS(), s, 0)) {
                    throw new InvalidKeySpecException("a private key of secp256r1 out of its range");
                }
                return behind(P256_FRONT, s);
            }
            case XECPrivateKeySpec x when isNamed(KeyAlgorithm.X25519, x.getParams()) -> {
                return behind(X25519_FRONT, x.getScalar());
            }
            case EdECPrivateKeySpec ed when isNamed(KeyAlgorithm.ED25519, ed.getParams()) -> {
                return behind(ED25519_FRONT, ed.getBytes());
            }
            case null, default -> throw unknown(spec);
        }
    }

    private PrivateKey behind(byte[] front, byte[] key) throws InvalidKeySpecException {
        byte[] encoded = Arrays.copyOf(front, front.length + PRIVATE_BYTES);
        try {
            if (key.length != PRIVATE_BYTES) {
                throw new InvalidKeySpecException("a private key of " + key.length + " bytes (expected " + PRIVATE_BYTES + ")");
            }
            System.arraycopy(key, 0, encoded, front.length, PRIVATE_BYTES);
            return CofferPrivateKey.of(ForeignKeys.readPrivate(vault, allowed, encoded));
        } finally {
            Arrays.fill(encoded, (byte) 0);
            Arrays.fill(key, (byte) 0);
        }
    }

    private boolean isNamed(KeyAlgorithm algorithm, Object parameters) {
        return allowed.contains(algorithm) && parameters instanceof NamedParameterSpec named
                && named.getName().equalsIgnoreCase(KeyNames.set(algorithm));
    }

    private InvalidKeySpecException unknown(KeySpec spec) {
        return new InvalidKeySpecException((spec == null ? "no specification" : "a specification of class " + spec.getClass().getName())
                + " for a key of " + allowed + " (expected X509EncodedKeySpec or PKCS8EncodedKeySpec, or numbers of its curve)");
    }

    @Override
    protected <T extends KeySpec> T engineGetKeySpec(Key key, Class<T> wanted) throws InvalidKeySpecException {
        Key ours;
        try {
            ours = engineTranslateKey(key);
        } catch (InvalidKeyException e) {
            throw new InvalidKeySpecException(e.getMessage(), e);
        }
        KeySpec spec = ours instanceof CofferPublicKey known ? publicSpec(known, wanted) : privateSpec((CofferPrivateKey) ours, wanted);
        if (spec == null) {
            throw new InvalidKeySpecException("a key of " + ours.getAlgorithm() + " as " + wanted.getName()
                    + ": there is no such form, or its export is forbidden");
        }
        return wanted.cast(spec);
    }

    private static KeySpec publicSpec(CofferPublicKey key, Class<? extends KeySpec> wanted) {
        if (wanted.isAssignableFrom(X509EncodedKeySpec.class)) {
            return new X509EncodedKeySpec(key.getEncoded());
        }
        return switch (key) {
            case P256PublicKey ec when wanted.isAssignableFrom(ECPublicKeySpec.class) -> new ECPublicKeySpec(ec.getW(), ec.getParams());
            case X25519PublicKey x when wanted.isAssignableFrom(XECPublicKeySpec.class) -> new XECPublicKeySpec(x.getParams(), x.getU());
            case Ed25519PublicKey ed when wanted.isAssignableFrom(EdECPublicKeySpec.class) ->
                new EdECPublicKeySpec(ed.getParams(), ed.getPoint());
            default -> null;
        };
    }

    private static KeySpec privateSpec(CofferPrivateKey key, Class<? extends KeySpec> wanted) {
        if (!key.isExportable()) {
            return null;
        }
        if (wanted.isAssignableFrom(PKCS8EncodedKeySpec.class)) {
            return new PKCS8EncodedKeySpec(key.getEncoded());
        }
        return switch (key) {
            case P256PrivateKey ec when wanted.isAssignableFrom(ECPrivateKeySpec.class) -> new ECPrivateKeySpec(ec.getS(), ec.getParams());
            case X25519PrivateKey x when wanted.isAssignableFrom(XECPrivateKeySpec.class) ->
                new XECPrivateKeySpec(x.getParams(), x.held().privateBytes());
            case Ed25519PrivateKey ed when wanted.isAssignableFrom(EdECPrivateKeySpec.class) ->
                new EdECPrivateKeySpec(ed.getParams(), ed.held().privateBytes());
            default -> null;
        };
    }

    @Override
    protected Key engineTranslateKey(Key key) throws InvalidKeyException {
        if (key instanceof PublicKey) {
            return ForeignKeys.publicKey(vault, allowed, key);
        }
        HeldPair held = ForeignKeys.privateKey(vault, allowed, key);
        return key instanceof CofferPrivateKey ? key : CofferPrivateKey.of(held);
    }
}
