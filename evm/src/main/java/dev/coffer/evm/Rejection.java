package dev.coffer.evm;

/// Why a transaction is invalid: it changes nothing, costs nothing and has no place in a block (Yellow Paper, section 6.2, and the EIPs
/// named). Constants, so that a refusal makes no object.
public enum Rejection {
    /// It is valid.
    NONE,
    /// A type that the fork does not know: 1 from Berlin, 2 from London, 3 from Cancun, 4 from Prague (EIP-2718).
    TYPE_UNKNOWN,
    /// The sender has sent a transaction of this nonce already.
    NONCE_TOO_LOW,
    /// A transaction before this one is missing.
    NONCE_TOO_HIGH,
    /// The nonce is 2^64 - 1, after which there is none (EIP-2681).
    NONCE_AT_END,
    /// The sender is a contract (EIP-3607); from Prague on delegated code is none.
    SENDER_HAS_CODE,
    /// More gas than the block may hold.
    GAS_ABOVE_BLOCK,
    /// More gas than 2^24, from Osaka (EIP-7825).
    GAS_ABOVE_CAP,
    /// Less gas than the transaction costs before its first instruction.
    GAS_BELOW_INTRINSIC,
    /// Less gas than its data cost at the least, from Prague (EIP-7623).
    GAS_BELOW_FLOOR,
    /// The most that is paid for gas is below the block's base fee (EIP-1559).
    FEE_BELOW_BASE_FEE,
    /// The tip is above the most that is paid for gas (EIP-1559).
    TIP_ABOVE_FEE,
    /// The sender has less than value, gas and blobs may cost.
    BALANCE_TOO_LOW,
    /// Initcode above 49,152 bytes, from Shanghai (EIP-3860).
    INITCODE_TOO_LONG,
    /// Blobs or authorizations in a transaction that creates (EIP-4844, EIP-7702).
    MAY_NOT_CREATE,
    /// A transaction of blobs without one (EIP-4844).
    NO_BLOBS,
    /// More blobs than a block holds, or, from Osaka, than a transaction may (EIP-4844, EIP-7691, EIP-7594).
    TOO_MANY_BLOBS,
    /// A blob's hash that does not begin with 1 (EIP-4844).
    BLOB_VERSION_UNKNOWN,
    /// The most that is paid for blobs is below their base fee (EIP-4844).
    BLOB_FEE_BELOW_BASE_FEE,
    /// A transaction of authorizations without one (EIP-7702).
    NO_AUTHORIZATIONS,
    /// A list of accesses, blobs or authorizations, or a tip that is not the price, in a type that has none (EIP-2718).
    FIELD_OF_ANOTHER_TYPE
}
