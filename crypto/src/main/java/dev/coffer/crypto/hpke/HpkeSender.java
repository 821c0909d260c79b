package dev.coffer.crypto.hpke;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadKey;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The side of HPKE that seals (RFC 9180, section 5): to whoever has the private key of a public one.
///
/// ```
///   HpkeSender sender = HpkeSender.in(suite, region.carve("hpke"));
///   if (sender.setup(Entropy.SYSTEM, publicKey, info, enc) != HpkeSetup.READY) ...   // no public key
///   sender.seal(aad, text, sealed);                                                  // any number of times; enc goes first
///   sender.close();
/// ```
///
/// Messages are numbered and have to be opened in this order: order, loss and repetition are the protocol's to deal with. After
/// [dev.coffer.crypto.AeadLimits#seals] messages a context seals no more. Memory, threads and errors: [HpkeContext].
public final class HpkeSender extends HpkeContext {
    private static final String NAME = "HPKE sender";

    /// Makes a finger that points nowhere yet.
    ///
    /// @param workspace  [HpkeSuite#workspaceBytes] from `workspaceAt`, off the heap; shared by all contexts of a thread
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    /// @throws IllegalArgumentException   it is read-only or on the heap (caller's fault)
    public HpkeSender(HpkeSuite suite, MemorySegment workspace, long workspaceAt) {
        super(suite, NAME, 1, workspace, workspaceAt);
    }

    /// {@return a sender with a context and a workspace of its own, in memory that [HpkeSuite#plan] describes; makes two objects}
    ///
    /// @throws IndexOutOfBoundsException  less memory (caller's fault)
    /// @throws IllegalArgumentException   it is read-only or on the heap (caller's fault)
    public static HpkeSender in(HpkeSuite suite, MemorySegment memory) {
        return new HpkeSender(suite, memory, suite.contextBytes()).at(memory, 0);
    }

    /// Points to another context; the one before stays there.
    ///
    /// @param memory  [HpkeSuite#contextBytes] from `at`, off the heap, apart from the workspace
    /// @return this
    public HpkeSender at(MemorySegment memory, long at) {
        point(memory, at);
        return this;
    }

    /// As [#setup(Entropy, MemorySegment, long, MemorySegment, long, long, MemorySegment, long)], with whole segments.
    public HpkeSetup setup(Entropy entropy, MemorySegment publicKey, MemorySegment info, MemorySegment enc) {
        checkLength(publicKey, suite.kem().publicKeyBytes());
        return setup(entropy, publicKey, 0, info, 0, info.byteSize(), enc, 0);
    }

    private static void checkLength(MemorySegment publicKey, int bytes) {
        if (publicKey.byteSize() != bytes) {
            throw new IllegalArgumentException(NAME + ": public key of " + publicKey.byteSize() + " bytes (expected " + bytes + ")");
        }
    }

    /// SetupBaseS (section 5.1.1): a context for whoever has the private key; the recipient does not learn who sends.
    ///
    /// @param entropy    `Entropy.SYSTEM` but in tests
    /// @param publicKey  the recipient's: [HpkeKem#publicKeyBytes] bytes
    /// @param info       what the context is for, which both sides know; may be of length 0
    /// @param enc        room for [HpkeKem#encapsulatedKeyBytes], which goes to the recipient before the first message
    /// @return [HpkeSetup#READY], or [HpkeSetup#NO_PUBLIC_KEY], and then nothing was written
    /// @throws IllegalStateException  the place holds a context (caller's fault), or the source has no bytes; nothing is written
    public HpkeSetup setup(Entropy entropy, MemorySegment publicKey, long publicKeyAt, MemorySegment info, long infoAt, long infoLength,
            MemorySegment enc, long encAt) {
        return setup(MODE_BASE, entropy, publicKey, publicKeyAt, null, 0, null, 0, 0, null, 0, 0, info, infoAt, infoLength, enc, encAt);
    }

    /// SetupPSKS (section 5.1.2): a context for whoever has the private key and the pre-shared key.
    ///
    /// @param psk    off the heap; at least [#PSK_BYTES_MIN] bytes, and as much entropy
    /// @param pskId  which pre-shared key it is; at least 1 byte
    /// @return as of [#setup(Entropy, MemorySegment, long, MemorySegment, long, long, MemorySegment, long)]
    public HpkeSetup setupPsk(Entropy entropy, MemorySegment publicKey, long publicKeyAt, MemorySegment psk, long pskAt, long pskLength,
            MemorySegment pskId, long pskIdAt, long pskIdLength, MemorySegment info, long infoAt, long infoLength, MemorySegment enc,
            long encAt) {
        return setup(MODE_PSK, entropy, publicKey, publicKeyAt, null, 0, psk, pskAt, pskLength, pskId, pskIdAt, pskIdLength, info, infoAt,
                infoLength, enc, encAt);
    }

    /// SetupAuthS (section 5.1.3): a context that shows the recipient that its maker has a private key. Whoever gets hold of the
    /// recipient's private key can make such contexts too (section 9.1.1).
    ///
    /// @param privateKey  the sender's: [HpkeKem#privateKeyBytes] off the heap
    /// @return as of [#setup(Entropy, MemorySegment, long, MemorySegment, long, long, MemorySegment, long)], or
    ///         [HpkeSetup#NO_PRIVATE_KEY]
    /// @throws IllegalStateException  a KEM without authentication, too (caller's fault); nothing is written
    public HpkeSetup setupAuth(Entropy entropy, MemorySegment publicKey, long publicKeyAt, MemorySegment privateKey, long privateKeyAt,
            MemorySegment info, long infoAt, long infoLength, MemorySegment enc, long encAt) {
        return setup(MODE_AUTH, entropy, publicKey, publicKeyAt, privateKey, privateKeyAt, null, 0, 0, null, 0, 0, info, infoAt,
                infoLength, enc, encAt);
    }

    /// SetupAuthPSKS (section 5.1.4): both.
    ///
    /// @return as of [#setupAuth]
    public HpkeSetup setupAuthPsk(Entropy entropy, MemorySegment publicKey, long publicKeyAt, MemorySegment privateKey, long privateKeyAt,
            MemorySegment psk, long pskAt, long pskLength, MemorySegment pskId, long pskIdAt, long pskIdLength, MemorySegment info,
            long infoAt, long infoLength, MemorySegment enc, long encAt) {
        return setup(MODE_AUTH_PSK, entropy, publicKey, publicKeyAt, privateKey, privateKeyAt, psk, pskAt, pskLength, pskId, pskIdAt,
                pskIdLength, info, infoAt, infoLength, enc, encAt);
    }

    private HpkeSetup setup(byte mode, Entropy entropy, MemorySegment peer, long peerAt, @Nullable MemorySegment own, long ownAt, @Nullable MemorySegment psk,
            long pskAt, long pskLength, @Nullable MemorySegment pskId, long pskIdAt, long pskIdLength, MemorySegment info, long infoAt,
            long infoLength, MemorySegment enc, long encAt) {
        int encBytes = suite.kem().encapsulatedKeyBytes();
        checkMode(mode, own, psk, pskId);
        checkInfo(psk, pskAt, pskLength, pskId, pskIdAt, pskIdLength, info, infoAt, infoLength);
        checkApart(peer, peerAt, suite.kem().publicKeyBytes());
        checkApart(enc, encAt, encBytes);
        Ranges.checkWritable(NAME, enc, encAt, encBytes);
        Ranges.apart(NAME, enc, encAt, encBytes, info, infoAt, infoLength);
        if (psk != null && pskId != null) {
            Ranges.apart(NAME, enc, encAt, encBytes, psk, pskAt, pskLength);
            Ranges.apart(NAME, enc, encAt, encBytes, pskId, pskIdAt, pskIdLength);
        }
        if (own != null) {
            suite.kem().dh();
            checkApart(own, ownAt, suite.kem().privateKeyBytes());
        }
        boolean ready = false;
        boolean written = false;
        try {
            HpkeSetup setup = suite.kem().encapsulate(entropy, peer, peerAt, own, ownAt, enc, encAt, workspace,
                    workspaceAt + HpkeSuite.SHARED, workspace, workspaceAt + suite.operation);
            if (setup == HpkeSetup.READY) {
                written = true;
                schedule(mode, psk, pskAt, pskLength, pskId, pskIdAt, pskIdLength, info, infoAt, infoLength);
                ready = true;
            }
            return setup;
        } finally {
            try {
                endSetup(ready);
            } finally {
                if (written && !ready) {
                    Wipe.bytes(enc, encAt, encBytes);
                }
            }
        }
    }

    /// As [#seal(MemorySegment, long, long, MemorySegment, long, long, MemorySegment, long)], with whole segments.
    ///
    /// @return bytes written
    public long seal(MemorySegment aad, MemorySegment text, MemorySegment output) {
        seal(aad, 0, aad.byteSize(), text, 0, text.byteSize(), output, 0);
        return text.byteSize() + Aead.TAG_BYTES;
    }

    /// ContextS.Seal (section 5.2): seals the next message.
    ///
    /// @param aad     authenticated, not encrypted; may be of length 0
    /// @param length  bytes of text; with the limits of [HpkeSuite#of] at most 65,536
    /// @param output  room for the text and [HpkeSuite#tagBytes]; starts where the text does, or lies apart
    /// @throws dev.coffer.crypto.KeySpentException  the context has sealed all that it may; nothing is written
    /// @throws IllegalStateException                no context, or export-only (caller's fault); nothing is written
    public void seal(MemorySegment aad, long aadAt, long aadLength, MemorySegment text, long textAt, long length, MemorySegment output,
            long outputAt) {
        AeadKey key = checkSeals();
        checkMessage(aad, aadAt, aadLength, text, textAt, length, output, outputAt);
        long sequence = sequence();
        long left = key.sealsLeft();
        try {
            nonce(sequence);
            key.seal(workspace, workspaceAt + HpkeSuite.NONCE, aad, aadAt, aadLength, text, textAt, length, output, outputAt);
        } finally {
            try {
                if (key.sealsLeft() != left) {  // the nonce may be used, whatever happened then
                    sequence(sequence + 1);
                }
            } finally {
                wipeNonce();
            }
        }
    }

    private void checkMessage(MemorySegment aad, long aadAt, long aadLength, MemorySegment text, long textAt, long length,
            MemorySegment output, long outputAt) {
        checkApart(aad, aadAt, aadLength);
        checkApart(text, textAt, length);
        Ranges.checkWritable(NAME, output, outputAt, length + Aead.TAG_BYTES);
        checkApart(output, outputAt, length + Aead.TAG_BYTES);
    }

    /// Single-shot (section 6.1): a context of the mode base, one message, and its end.
    ///
    /// @param enc     room for [HpkeKem#encapsulatedKeyBytes], apart from the rest
    /// @param output  room for the text and [HpkeSuite#tagBytes]; starts where the text does, or lies apart
    /// @return [HpkeSetup#READY] and the message is sealed; or [HpkeSetup#NO_PUBLIC_KEY], and nothing was written
    /// @throws IllegalStateException  as of [#setup], or export-only (caller's fault); nothing is written
    public HpkeSetup sealOnce(Entropy entropy, MemorySegment publicKey, long publicKeyAt, MemorySegment info, long infoAt,
            long infoLength, MemorySegment aad, long aadAt, long aadLength, MemorySegment text, long textAt, long length,
            MemorySegment enc, long encAt, MemorySegment output, long outputAt) {
        checkFree();
        if (key == null) {
            throw new IllegalStateException(NAME + ": the suite exports only (expected one with an AEAD)");
        }
        int encBytes = suite.kem().encapsulatedKeyBytes();
        checkMessage(aad, aadAt, aadLength, text, textAt, length, output, outputAt);
        Ranges.check(NAME, enc, encAt, encBytes);
        Ranges.apart(NAME, enc, encAt, encBytes, aad, aadAt, aadLength);
        Ranges.apart(NAME, enc, encAt, encBytes, text, textAt, length);
        Ranges.apart(NAME, enc, encAt, encBytes, output, outputAt, length + Aead.TAG_BYTES);
        HpkeSetup setup = setup(entropy, publicKey, publicKeyAt, info, infoAt, infoLength, enc, encAt);
        if (setup != HpkeSetup.READY) {
            return setup;
        }
        boolean sealed = false;
        try {
            seal(aad, aadAt, aadLength, text, textAt, length, output, outputAt);
            sealed = true;
            return setup;
        } finally {
            try {
                wipe();
            } finally {
                if (!sealed) {
                    Wipe.bytes(enc, encAt, encBytes);
                }
            }
        }
    }
}
