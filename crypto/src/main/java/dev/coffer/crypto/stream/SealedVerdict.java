package dev.coffer.crypto.stream;

/// What became of a chunk or header that a [SealedStream] read.
public enum SealedVerdict {
    VALID,
    /// Not a header of this format, or of a version or suite that is not known here.
    UNKNOWN_FORMAT,
    /// A whole header, and nothing in it was made for this key. (Who changes a header on purpose, and mends its digest,
    /// can make this of the next.)
    WRONG_KEY,
    /// The key is right, or was not yet asked, and what was sealed is no longer there: a header or chunk that was
    /// changed, moved, repeated or cut.
    CHANGED,
    /// No passphrase stanza was made for this passphrase, of those that could be tried within the [PassphraseLimit]: others ask
    /// for more.
    TOO_COSTLY,
    /// More chunks than a stream may have, or a chunk after the last.
    OUT_OF_PLACE
}
