package dev.coffer.crypto.hpke;

import dev.coffer.crypto.Mac;

/// The KDFs of RFC 9180, section 7.2.
public enum HpkeKdf {
    /// HKDF-SHA256.
    HKDF_SHA256(0x0001, "HKDF-SHA256", Mac.HMAC_SHA_256),
    /// HKDF-SHA384.
    HKDF_SHA384(0x0002, "HKDF-SHA384", Mac.HMAC_SHA_384),
    /// HKDF-SHA512.
    HKDF_SHA512(0x0003, "HKDF-SHA512", Mac.HMAC_SHA_512);

    private final int id;
    private final String title;
    final LabeledKdf labeled;

    HpkeKdf(int id, String title, Mac mac) {
        this.id = id;
        this.title = title;
        this.labeled = new LabeledKdf(mac);
    }

    /// {@return the number in the registry}
    public int id() {
        return id;
    }

    /// {@return Nh: bytes of a hash}
    public int hashBytes() {
        return labeled.hashBytes();
    }

    /// {@return the longest value that a context exports: 255 * Nh (section 5.3)}
    public int exportBytesMax() {
        return labeled.lengthMax();
    }

    /// {@return the registry's name}
    @Override
    public String toString() {
        return title;
    }
}
