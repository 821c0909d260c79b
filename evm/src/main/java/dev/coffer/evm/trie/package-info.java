/// What a block's header says of a state: roots of Merkle Patricia tries and what they are written in (Yellow Paper, appendices B to D). Makes objects: for tools and
/// tests, and for who wants to know what a run has come to; nothing that executes stands on it. Left out on purpose: proofs, and tries that are kept and changed.
package dev.coffer.evm.trie;
