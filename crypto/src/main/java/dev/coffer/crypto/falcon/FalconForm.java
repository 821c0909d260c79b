package dev.coffer.crypto.falcon;

/// How a signature of Falcon is written (specification v1.2, section 3.11.3, and the submission's programming interface).
public enum FalconForm {
    /// As short as it comes: about 655 and 1,271 bytes, never the same length. Header 0x30 + logn.
    COMPRESSED(0x30),
    /// The compressed form with zeros behind, always 666 and 1,280 bytes: longer ones are thrown away and signed anew. Header 0x30 + logn.
    PADDED(0x30),
    /// 12 bits for each number, always 809 and 1,577 bytes: how it is written says nothing of a signature that is itself secret. Header
    /// 0x50 + logn.
    CONSTANT_TIME(0x50);

    final int header;

    FalconForm(int header) {
        this.header = header;
    }
}
