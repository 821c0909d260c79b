package dev.coffer.evm;

import dev.coffer.crypto.Hash;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Accounts whose code is another's (EIP-7702): the designator 0xef0100 and an address, which an account has for its code, and the authorizations of a
/// transaction that write it.
final class Delegations {
    /// Bytes of a designator.
    static final int DESIGNATOR_BYTES = 23;
    /// Gas of each authorization, as if its account were new.
    static final long AUTHORIZATION = 25000;
    /// Of it, what comes back where the account was there.
    static final long KNOWN_ACCOUNT_REFUND = 25000 - 12500;

    private static final int MAGIC = 0x05;
    private static final int PREFIX = 0xef0100;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private final Interpreter m;
    private final TransactionHost host;
    private final SignerRecovery recovery;
    private final long[] w = new long[3 * Word.LONGS];     // chain or digest, then r and s as the recovery wants them in one array
    private final long[] authority = new long[Word.LONGS];
    private long refund;

    Delegations(Interpreter machine, TransactionHost host, SignerRecovery recovery) {
        this.m = machine;
        this.host = host;
        this.recovery = recovery;
    }

    // --- designators ------------------------------------------------------------------------------------------------

    /// Looks whether an account delegates, and if so writes to whom.
    static boolean read(Interpreter m, long[] s, int address, long[] to, int r) {
        if (!m.fork.atLeast(Fork.PRAGUE) || m.host.codeLength(s, address) != DESIGNATOR_BYTES) {
            return false;
        }
        MemorySegment code = m.workspace;
        long at = Interpreter.PREIMAGE;
        Word.set(to, r, 0);
        Word.store(to, r, code, at);
        m.host.copyCode(s, address, 0, code, at + Word.BYTES - DESIGNATOR_BYTES, DESIGNATOR_BYTES);
        Word.load(code, at, to, r);                        // 3 bytes of prefix above 160 bits of address
        boolean delegates = to[r + 2] >>> 32 == PREFIX;
        Operations.maskAddress(to, r);
        return delegates;
    }

    /// {@return whether code, in hexadecimal without `0x`, is a designator}
    static boolean isDesignator(String code) {
        return code.length() == 2 * DESIGNATOR_BYTES && code.startsWith(Integer.toHexString(PREFIX));
    }

    // --- authorizations ---------------------------------------------------------------------------------------------

    /// {@return gas to give back for accounts that were there, after [#apply]}
    long refund() {
        return refund;
    }

    /// Applies the authorizations of a transaction, in their order: each that is valid in the present state sets, changes or removes the designator of the
    /// account that signed it and raises its nonce; each that is not is passed over.
    ///
    /// @return false for want of room
    boolean apply(Transaction t) {
        refund = 0;
        for (int i = 0; i < t.authorizationCount; i++) {
            if (isForThisChain(t, i) && t.authorizationNonces[i] != -1L && signer(t, i) && !apply(t, i)) {
                return false;
            }
        }
        return true;
    }

    private boolean isForThisChain(Transaction t, int i) {
        int chain = Transaction.AUTHORIZATION_LONGS * i + Transaction.AUTHORIZED_CHAIN;
        if (Word.isZero(t.authorizations, chain)) {
            return true;
        }
        host.block(Opcode.CHAINID, w, 0);
        return Word.equal(w, 0, t.authorizations, chain);
    }

    /// Finds who signed keccak256(0x05, rlp([chain, address, nonce])).
    private boolean signer(Transaction t, int i) {
        int from = Transaction.AUTHORIZATION_LONGS * i;
        long[] a = t.authorizations;
        int parity = t.authorizationParities[i];
        if (parity > 1 || !SignerRecovery.isLow(a, from + Transaction.AUTHORIZED_S)) {
            return false;
        }
        MemorySegment to = m.workspace;
        long items = Interpreter.PREIMAGE + 3;             // behind the magic byte and a head of at most two bytes
        long at = items;
        at = RlpWriter.number(a, from + Transaction.AUTHORIZED_CHAIN, to, at);
        at = RlpWriter.address(a, from + Transaction.AUTHORIZED_ADDRESS, to, at);
        Word.set(w, 0, t.authorizationNonces[i]);
        at = RlpWriter.number(w, 0, to, at);               // 33, 21 and 9 bytes at the most
        long length = at - items;
        long start = items - (length <= RlpWriter.SHORT_MAX ? 2 : 3);
        to.set(BYTE, start, (byte) MAGIC);
        RlpWriter.list(length, to, start + 1);
        Hash.KECCAK_256.hash(to, 0, to, start, at - start, to, Interpreter.DIGEST);
        Word.load(to, Interpreter.DIGEST, w, 0);
        Word.copy(a, from + Transaction.AUTHORIZED_R, w, 4);
        Word.copy(a, from + Transaction.AUTHORIZED_S, w, 8);
        return recovery.address(w, 0, 4, 8, parity == 1, authority, 0);
    }

    /// Writes who signed an authorization.
    ///
    /// @return false where nobody has; nothing is written
    boolean authority(Transaction t, int i, long[] to, int r) {
        if (!signer(t, i)) {
            return false;
        }
        Word.copy(authority, 0, to, r);
        return true;
    }

    private boolean apply(Transaction t, int i) {
        if (host.accessAccount(authority, 0) == Host.FULL) {
            return false;
        }
        if (hasForeignCode() || host.nonce(authority, 0) != t.authorizationNonces[i]) {
            return true;
        }
        refund += host.exists(authority, 0) ? KNOWN_ACCOUNT_REFUND : 0;
        int address = Transaction.AUTHORIZATION_LONGS * i + Transaction.AUTHORIZED_ADDRESS;
        MemorySegment code = m.workspace;
        long at = Interpreter.PREIMAGE;
        long length = 0;
        if (!Word.isZero(t.authorizations, address)) {     // address 0 takes the delegation away
            code.set(BYTE, at, (byte) (PREFIX >>> 16));
            code.set(BYTE, at + 1, (byte) (PREFIX >>> 8));
            code.set(BYTE, at + 2, (byte) PREFIX);
            Calls.writeAddress(t.authorizations, address, code, at + 3);
            length = DESIGNATOR_BYTES;
        }
        return host.setCode(authority, 0, code, at, length) && host.raiseNonce(authority, 0);
    }

    private boolean hasForeignCode() {
        return host.codeLength(authority, 0) != 0 && !read(m, authority, 0, w, 0);
    }
}
