package dev.coffer.crypto;

import dev.coffer.memory.Entropy;
import java.lang.foreign.MemorySegment;

/// A key encapsulation mechanism over the caller's memory: what ML-KEM is (FIPS 203), and what an exchange of public keys is when one
/// side sends its own in answer to the other's, as in TLS 1.3 (RFC 8446, section 4.2.8).
///
/// ```
///   client  keyPair     seed -> ek, dk       ek --->
///   server  encapsulate                      ek -> ciphertext, shared      ciphertext --->
///   client  decapsulate                                                    dk, ciphertext -> shared
/// ```
///
/// An algorithm is a stateless object, shared by every thread, that says its sizes; keys, ciphertexts and secrets lie in the caller's
/// memory. A seed is all that need be kept of a key pair. Every operation takes a workspace of [#workspaceBytes] that nobody else
/// uses meanwhile, off the heap; all of it is zero afterwards, whatever happens. 0 heap bytes. Shared secrets go into a key schedule, never
/// into a cipher.
///
/// Outputs and the workspace share no byte with anything else that is handed in; inputs may overlap each other. The one exception is a seed
/// that starts where the decapsulation key will, which all but ML-KEM allow.
///
/// Errors are the same everywhere: [IndexOutOfBoundsException] for a range that does not lie in its segment, [IllegalArgumentException]
/// for ranges that overlap as they must not, for read-only outputs and for secrets or workspaces on the heap; both are the caller's
/// fault, and nothing was written. [IllegalStateException] where memory was closed: outputs are unchanged or zero then. A key of another
/// kind in as many bytes is answered as one that is none, or shares nothing.
public interface Kem {
    /// {@return the standard's name, such as `ML-KEM-768`}
    String name();

    /// {@return bytes of a seed}
    int seedBytes();

    /// {@return bytes of an encapsulation key, which is public}
    int encapsulationKeyBytes();

    /// {@return bytes of a decapsulation key, which is secret}
    int decapsulationKeyBytes();

    /// {@return bytes of a ciphertext, or of the answering side's public key}
    int ciphertextBytes();

    /// {@return bytes of a shared secret}
    int sharedBytes();

    /// {@return bytes of the workspace of every operation}
    long workspaceBytes();

    /// Makes both keys of a seed.
    ///
    /// @param seed  [#seedBytes] of fresh random bytes, off the heap
    /// @param ek    room for [#encapsulationKeyBytes]
    /// @param dk    room off the heap for [#decapsulationKeyBytes]
    /// @return false where the seed makes no key (with P-256 one in 2^32): draw another; nothing was written
    boolean keyPair(MemorySegment seed, long seedAt, MemorySegment ek, long ekAt, MemorySegment dk, long dkAt,
            MemorySegment workspace, long at);

    /// Makes a secret, and the ciphertext that brings it to the holder of the key.
    ///
    /// @param entropy     where it is drawn, straight into the workspace; `Entropy.SYSTEM` but in tests
    /// @param ek          [#encapsulationKeyBytes] from the peer
    /// @param ciphertext  room for [#ciphertextBytes]
    /// @param shared      room off the heap for [#sharedBytes]
    /// @return false where `ek` is no key (the fault of who made it); then nothing was written
    /// @throws IllegalStateException  the source has no bytes or filled nothing; nothing was written
    boolean encapsulate(Entropy entropy, MemorySegment ek, long ekAt, MemorySegment ciphertext, long ciphertextAt,
            MemorySegment shared, long sharedAt, MemorySegment workspace, long at);

    /// Takes the secret out of a ciphertext.
    ///
    /// @param dk          [#decapsulationKeyBytes] off the heap
    /// @param ciphertext  [#ciphertextBytes] from the peer; another length is for the protocol to refuse
    /// @param shared      room off the heap for [#sharedBytes]
    /// @return false where key or ciphertext are none that can be told (a point off the curve, one of low order, a key that was
    ///         changed); then nothing was written. ML-KEM answers a wrong ciphertext with another secret (FIPS 203, section 6.3)
    boolean decapsulate(MemorySegment dk, long dkAt, MemorySegment ciphertext, long ciphertextAt, MemorySegment shared,
            long sharedAt, MemorySegment workspace, long at);
}
