package dev.coffer.crypto.hpke;

import dev.coffer.crypto.Aead;
import dev.coffer.crypto.AeadKey;
import dev.coffer.crypto.internal.Ranges;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The side of HPKE that opens (RFC 9180, section 5): it has the private key.
///
/// ```
///   HpkeReceiver receiver = HpkeReceiver.in(suite, region.carve("hpke"));
///   if (receiver.setup(privateKey, enc, info) != HpkeSetup.READY) ...    // no encapsulated key
///   if (!receiver.open(aad, sealed, text)) ...                          // not authentic, or not the next one
///   receiver.close();
/// ```
///
/// Messages are opened in the order in which they were sealed. One that does not verify changes nothing: the next may be tried. After
/// [dev.coffer.crypto.AeadLimits#forgeries] of those a context opens nothing more. Nothing that a peer sends throws. Memory, threads and
/// errors: [HpkeContext].
public final class HpkeReceiver extends HpkeContext {
    private static final String NAME = "HPKE receiver";

    /// Makes a finger that points nowhere yet.
    ///
    /// @param workspace  [HpkeSuite#workspaceBytes] from `workspaceAt`, off the heap; shared by all contexts of a thread
    /// @throws IndexOutOfBoundsException  the range does not lie in the segment (caller's fault)
    /// @throws IllegalArgumentException   it is read-only or on the heap (caller's fault)
    public HpkeReceiver(HpkeSuite suite, MemorySegment workspace, long workspaceAt) {
        super(suite, NAME, 2, workspace, workspaceAt);
    }

    /// {@return a receiver with a context and a workspace of its own, in memory that [HpkeSuite#plan] describes; makes two objects}
    ///
    /// @throws IndexOutOfBoundsException  less memory (caller's fault)
    /// @throws IllegalArgumentException   it is read-only or on the heap (caller's fault)
    public static HpkeReceiver in(HpkeSuite suite, MemorySegment memory) {
        return new HpkeReceiver(suite, memory, suite.contextBytes()).at(memory, 0);
    }

    /// Points to another context; the one before stays there.
    ///
    /// @param memory  [HpkeSuite#contextBytes] from `at`, off the heap, apart from the workspace
    /// @return this
    public HpkeReceiver at(MemorySegment memory, long at) {
        point(memory, at);
        return this;
    }

    /// As [#setup(MemorySegment, long, MemorySegment, long, long, MemorySegment, long, long)], with whole segments.
    public HpkeSetup setup(MemorySegment privateKey, MemorySegment enc, MemorySegment info) {
        return setup(privateKey, 0, enc, 0, enc.byteSize(), info, 0, info.byteSize());
    }

    /// SetupBaseR (section 5.1.1).
    ///
    /// @param privateKey  [HpkeKem#privateKeyBytes] off the heap
    /// @param enc         what came from the sender
    /// @param encLength   its bytes, whatever came: another number than [HpkeKem#encapsulatedKeyBytes] is no encapsulated key
    /// @param info        what the context is for; not the sender's, and no message opens
    /// @return [HpkeSetup#READY]; or [HpkeSetup#NO_ENCAPSULATED_KEY] or [HpkeSetup#NO_PRIVATE_KEY], and then there is no context.
    ///         ML-KEM and X-Wing answer a changed encapsulated key with a context that opens nothing (FIPS 203, section 6.3)
    /// @throws IllegalStateException  the place holds a context (caller's fault)
    public HpkeSetup setup(MemorySegment privateKey, long privateKeyAt, MemorySegment enc, long encAt, long encLength, MemorySegment info,
            long infoAt, long infoLength) {
        return setup(MODE_BASE, privateKey, privateKeyAt, null, 0, enc, encAt, encLength, null, 0, 0, null, 0, 0, info, infoAt, infoLength);
    }

    /// SetupBaseR of a shared secret that was decapsulated elsewhere: by a key that is kept expanded, or one that a device holds. Whoever
    /// calls answers for what [#setup] checks otherwise.
    ///
    /// @param shared  the KEM's secret, 32 bytes off the heap; not kept
    /// @throws IllegalStateException  the place holds a context (caller's fault)
    public void setupDecapsulated(MemorySegment shared, long sharedAt, MemorySegment info, long infoAt, long infoLength) {
        checkInfo(null, 0, 0, null, 0, 0, info, infoAt, infoLength);
        Ranges.checkSecret(NAME, shared, sharedAt, HpkeSuite.SHARED_BYTES);
        checkApart(shared, sharedAt, HpkeSuite.SHARED_BYTES);
        boolean ready = false;
        try {
            MemorySegment.copy(shared, sharedAt, workspace, workspaceAt + HpkeSuite.SHARED, HpkeSuite.SHARED_BYTES);
            schedule(MODE_BASE, null, 0, 0, null, 0, 0, info, infoAt, infoLength);
            ready = true;
        } finally {
            endSetup(ready);
        }
    }

    /// SetupPSKR (section 5.1.2): the sender has the pre-shared key, if a message opens.
    ///
    /// @param psk    off the heap; at least [#PSK_BYTES_MIN] bytes
    /// @param pskId  which pre-shared key it is; at least 1 byte
    /// @return as of [#setup(MemorySegment, long, MemorySegment, long, long, MemorySegment, long, long)]
    public HpkeSetup setupPsk(MemorySegment privateKey, long privateKeyAt, MemorySegment enc, long encAt, long encLength,
            MemorySegment psk, long pskAt, long pskLength, MemorySegment pskId, long pskIdAt, long pskIdLength, MemorySegment info,
            long infoAt, long infoLength) {
        return setup(MODE_PSK, privateKey, privateKeyAt, null, 0, enc, encAt, encLength, psk, pskAt, pskLength, pskId, pskIdAt,
                pskIdLength, info, infoAt, infoLength);
    }

    /// SetupAuthR (section 5.1.3): the sender has the private key of a public one, if a message opens.
    ///
    /// @param senderKey  [HpkeKem#publicKeyBytes] bytes
    /// @return as of [#setup(MemorySegment, long, MemorySegment, long, long, MemorySegment, long, long)], or
    ///         [HpkeSetup#NO_PUBLIC_KEY] where `senderKey` is none
    /// @throws IllegalStateException  a KEM without authentication, too (caller's fault)
    public HpkeSetup setupAuth(MemorySegment privateKey, long privateKeyAt, MemorySegment senderKey, long senderKeyAt, MemorySegment enc,
            long encAt, long encLength, MemorySegment info, long infoAt, long infoLength) {
        return setup(MODE_AUTH, privateKey, privateKeyAt, senderKey, senderKeyAt, enc, encAt, encLength, null, 0, 0, null, 0, 0, info,
                infoAt, infoLength);
    }

    /// SetupAuthPSKR (section 5.1.4): both.
    ///
    /// @return as of [#setupAuth]
    public HpkeSetup setupAuthPsk(MemorySegment privateKey, long privateKeyAt, MemorySegment senderKey, long senderKeyAt,
            MemorySegment enc, long encAt, long encLength, MemorySegment psk, long pskAt, long pskLength, MemorySegment pskId,
            long pskIdAt, long pskIdLength, MemorySegment info, long infoAt, long infoLength) {
        return setup(MODE_AUTH_PSK, privateKey, privateKeyAt, senderKey, senderKeyAt, enc, encAt, encLength, psk, pskAt, pskLength, pskId,
                pskIdAt, pskIdLength, info, infoAt, infoLength);
    }

    private HpkeSetup setup(byte mode, MemorySegment own, long ownAt, @Nullable MemorySegment peer, long peerAt, MemorySegment enc, long encAt,
            long encLength, @Nullable MemorySegment psk, long pskAt, long pskLength, @Nullable MemorySegment pskId, long pskIdAt, long pskIdLength,
            MemorySegment info, long infoAt, long infoLength) {
        checkMode(mode, peer, psk, pskId);
        checkInfo(psk, pskAt, pskLength, pskId, pskIdAt, pskIdLength, info, infoAt, infoLength);
        Ranges.checkSecret(NAME, own, ownAt, suite.kem().privateKeyBytes());
        checkApart(own, ownAt, suite.kem().privateKeyBytes());
        checkApart(enc, encAt, encLength);
        if (peer != null) {
            suite.kem().dh();
            checkApart(peer, peerAt, suite.kem().publicKeyBytes());
        }
        if (encLength != suite.kem().encapsulatedKeyBytes()) {
            return HpkeSetup.NO_ENCAPSULATED_KEY;
        }
        boolean ready = false;
        try {
            HpkeSetup setup = suite.kem().decapsulate(own, ownAt, peer, peerAt, enc, encAt, workspace, workspaceAt + HpkeSuite.SHARED,
                    workspace, workspaceAt + suite.operation);
            if (setup == HpkeSetup.READY) {
                schedule(mode, psk, pskAt, pskLength, pskId, pskIdAt, pskIdLength, info, infoAt, infoLength);
                ready = true;
            }
            return setup;
        } finally {
            endSetup(ready);
        }
    }

    /// As [#open(MemorySegment, long, long, MemorySegment, long, long, MemorySegment, long)], with whole segments.
    public boolean open(MemorySegment aad, MemorySegment sealed, MemorySegment output) {
        return open(aad, 0, aad.byteSize(), sealed, 0, sealed.byteSize(), output, 0);
    }

    /// ContextR.Open (section 5.2): opens the next message.
    ///
    /// @param sealed  ciphertext with its tag behind
    /// @param length  bytes of both, whatever came
    /// @param output  room for the text; starts where the message does, or lies apart
    /// @return whether it is authentic and the next one; where it is not, the output is untouched and the same number is tried again
    /// @throws IllegalStateException  no context, or export-only (caller's fault); nothing is written
    public boolean open(MemorySegment aad, long aadAt, long aadLength, MemorySegment sealed, long sealedAt, long length,
            MemorySegment output, long outputAt) {
        AeadKey key = checkSeals();
        checkMessage(aad, aadAt, aadLength, sealed, sealedAt, length, output, outputAt);
        long sequence = sequence();
        if (sequence == Long.MAX_VALUE) {
            return false;
        }
        try {
            nonce(sequence);
            boolean opened = key.open(workspace, workspaceAt + HpkeSuite.NONCE, aad, aadAt, aadLength, sealed, sealedAt, length, output,
                    outputAt);
            if (opened) {
                sequence(sequence + 1);
            }
            return opened;
        } finally {
            wipeNonce();
        }
    }

    private void checkMessage(MemorySegment aad, long aadAt, long aadLength, MemorySegment sealed, long sealedAt, long length,
            MemorySegment output, long outputAt) {
        checkApart(aad, aadAt, aadLength);
        checkApart(sealed, sealedAt, length);
        long textLength = Math.max(0, length - Aead.TAG_BYTES);
        Ranges.checkWritable(NAME, output, outputAt, textLength);
        checkApart(output, outputAt, textLength);
    }

    /// Single-shot (section 6.1): a context of the mode base, one message, and its end.
    ///
    /// @return whether the message is authentic; false too where `enc` is no encapsulated key, and then the output is untouched
    /// @throws IllegalArgumentException  a private key that is none of its group (caller's fault), too; nothing is written
    /// @throws IllegalStateException     the place holds a context, or export-only (caller's fault); nothing is written
    public boolean openOnce(MemorySegment privateKey, long privateKeyAt, MemorySegment enc, long encAt, long encLength,
            MemorySegment info, long infoAt, long infoLength, MemorySegment aad, long aadAt, long aadLength, MemorySegment sealed,
            long sealedAt, long length, MemorySegment output, long outputAt) {
        checkFree();
        if (key == null) {
            throw new IllegalStateException(NAME + ": the suite exports only (expected one with an AEAD)");
        }
        checkMessage(aad, aadAt, aadLength, sealed, sealedAt, length, output, outputAt);
        HpkeSetup setup = setup(privateKey, privateKeyAt, enc, encAt, encLength, info, infoAt, infoLength);
        if (setup == HpkeSetup.NO_PRIVATE_KEY) {
            throw new IllegalArgumentException(NAME + ": a private key that is none of " + suite.kem());
        }
        if (setup != HpkeSetup.READY) {
            return false;
        }
        try {
            return open(aad, aadAt, aadLength, sealed, sealedAt, length, output, outputAt);
        } finally {
            wipe();
        }
    }
}
