package dev.coffer.quic;

/// Versions of QUIC that are spoken here.
public enum Version {
    /// RFC 9000, section 15.
    V1(0x0000_0001),
    /// RFC 9369, section 3.1.
    V2(0x6b33_43cf);

    private final int code;

    Version(int code) {
        this.code = code;
    }

    /// {@return the number that long headers say}
    public int code() {
        return code;
    }
}
