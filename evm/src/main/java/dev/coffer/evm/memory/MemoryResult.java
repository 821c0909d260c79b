package dev.coffer.evm.memory;

/// What came of an expansion. Constants, so that a refusal makes no object.
public enum MemoryResult {
    /// The bytes are there, zero where they are new.
    OK,
    /// An offset or size past 2^32: no gas pays for it, so a machine calls it out of gas.
    TOO_FAR,
    /// The gas given does not pay for it; only where gas was given.
    OUT_OF_GAS,
    /// The frame's own limit; the tree has room.
    FRAME_LIMIT,
    /// The limit of all frames of the call tree together.
    TREE_LIMIT,
    /// The shared budget has no quantum left.
    BUDGET_LIMIT
}
