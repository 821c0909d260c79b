/// The byte memory of the Ethereum virtual machine (Yellow Paper, section 9.1 and appendix H.1; EIP-5656). Holds at most
/// `treeBytesMax` bytes of frames, as much again for an output set aside, and `savedBytesMax` of content checkpoints;
/// all of it is address space that commits when touched.
///
/// Where the operations of the memory module that this one follows have their place:
///
/// | there | here |
/// |---|---|
/// | init, init_borrowed, init_child, deinit | `open`, `over`, `enter` and `leave`, `close` |
/// | size, ensure_capacity | `length`, `tryExpand` and `expand` (the capacity is reserved from the start) |
/// | set_data, set_byte, set_u256, with and without `_evm` | `store`, `storePadded`, `storeByte`, `storeWord`: whole words always |
/// | get_u256_evm | `loadWord` |
/// | get_slice, get_byte, get_u256 | `slice`, `read`, `peekByte`, `peekWord`: no expansion |
/// | copy, zero, clear, reset | `copy`, `zero`, `clear`, `reset` |
/// | get_expansion_cost | `expansionCost`: a pure question; `tryExpand` with gas asks, pays and expands |
/// | get_buffer_ref, get_capacity | `data` with `position`, `capacityBytes` |
/// | MemoryConfig, validate | [dev.coffer.evm.memory.EvmMemoryConfig] |
/// | OutOfMemory, MemoryOverflow, OutOfBounds | `BUDGET_LIMIT`; `FRAME_LIMIT`, `TREE_LIMIT`, and `TOO_FAR` past 2^32; [IndexOutOfBoundsException] |
package dev.coffer.evm.memory;
