package dev.coffer.evm;

import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/// What a transaction looked at, as it was before, as JSON in the shape of go-ethereum's `prestateTracer`: of each account balance, nonce, code and the slots that
/// were loaded or stored. With it the transaction can be executed again on nothing else. Whose code is run because another one delegates to it (EIP-7702) is in it. Not in
/// it: accounts that it creates, save those that had a balance before. Makes objects, some 600 heap bytes an account and 400 a slot, and no more of them than its
/// host knows. Belongs to the thread of its machine.
public final class PrestateTracer implements Tracer {
    /// As it was when it was first seen.
    private record Account(BigInteger balance, long nonce, String code, Map<String, String> storage, boolean isMade) {
        boolean isEmpty() {
            return balance.signum() == 0 && nonce == 0 && code.isEmpty();
        }
    }

    private final Host host;
    private final Map<String, Account> accounts = new LinkedHashMap<>();
    private final long[] w = new long[Word.LONGS];
    private final long[] value = new long[Word.LONGS];
    private String noted;                                // by the last creation that has begun; null where something else has happened since

    /// @param host  of the machine
    public PrestateTracer(Host host) {
        this.host = java.util.Objects.requireNonNull(host);
    }

    /// Forgets what was seen and begins with who takes part in a transaction: its sender, its receiver, the block's author. To be called before
    /// it is executed, since fees move before the first instruction.
    ///
    /// @return this
    public PrestateTracer before(Transaction t) {
        accounts.clear();
        Word.copy(t.words, Transaction.SENDER, w, 0);
        see();
        if (!t.isCreate) {
            Word.copy(t.words, Transaction.TO, w, 0);
            seeCode();
        }
        host.block(Opcode.COINBASE, w, 0);
        see();
        return this;
    }

    /// As [#before(Transaction)], and with who has signed its authorizations (EIP-7702), which the executor finds out.
    ///
    /// @return this
    public PrestateTracer before(Transaction t, TransactionExecutor executor) {
        before(t);
        for (int i = 0; i < t.authorizationCount; i++) {
            if (executor.authority(t, i, w, 0)) {
                see();
                Word.copy(t.authorizations, Transaction.AUTHORIZATION_LONGS * i + Transaction.AUTHORIZED_ADDRESS, w, 0);
                see();
            }
        }
        return this;
    }

    /// Notes an account as it is now, before a run of which no [Transaction] tells.
    public void see(long[] s, int address) {
        Word.copy(s, address, w, 0);
        seeCode();
    }

    /// Notes the account whose address is in [#w].
    private Account see() {
        return accounts.computeIfAbsent(hex(w, 20), name -> look(false));
    }

    /// The same of one whose code runs, and of that to which it delegates.
    private void seeCode() {
        String code = see().code;
        if (Delegations.isDesignator(code)) {
            Word.setHex(w, 0, code.substring(6));
            see();
        }
    }

    private Account look(boolean isMade) {
        host.balance(w, 0, value, 0);
        byte[] code = new byte[Math.toIntExact(host.codeLength(w, 0))];
        if (code.length > 0) {
            host.copyCode(w, 0, 0, MemorySegment.ofArray(code), 0, code.length);
        }
        return new Account(Word.toBigInteger(value, 0), host.nonce(w, 0), HexFormat.of().formatHex(code), new TreeMap<>(), isMade);
    }

    private static String hex(long[] s, int bytes) {
        byte[] all = new byte[Word.BYTES];
        Word.store(s, 0, MemorySegment.ofArray(all), 0);
        return "0x" + HexFormat.of().formatHex(all, Word.BYTES - bytes, Word.BYTES);
    }

    /// Notes what a creation finds at its address, before something else looks at what it has made there: nothing, or a balance; where it is refused, what is there.
    @Override
    public void begin(Frame frame) {
        noted = null;
        if (frame.opcode() != Opcode.CREATE && frame.opcode() != Opcode.CREATE2) {
            return;
        }
        frame.value(value, 0);
        BigInteger moved = Word.toBigInteger(value, 0);
        frame.address(w, 0);
        accounts.computeIfAbsent(hex(w, 20), name -> {
            noted = name;
            host.balance(w, 0, value, 0);
            return new Account(Word.toBigInteger(value, 0).subtract(moved), 0, "", new TreeMap<>(), true);
        });
    }

    @Override
    public void step(Frame frame, int opcode, long[] stack, int stackLongs, long memoryBytes, long refund) {
        noted = null;
        int at = switch (opcode) {
            case Opcode.SLOAD, Opcode.SSTORE, Opcode.BALANCE, Opcode.EXTCODESIZE, Opcode.EXTCODEHASH, Opcode.EXTCODECOPY, Opcode.SELFDESTRUCT ->
                stackLongs - Word.LONGS;
            case Opcode.CALL, Opcode.CALLCODE, Opcode.DELEGATECALL, Opcode.STATICCALL -> stackLongs - 2 * Word.LONGS;
            default -> -1;
        };
        if (at < 0) {
            return;                                      // another instruction, or one that lacks its operands
        }
        if (opcode == Opcode.SLOAD || opcode == Opcode.SSTORE) {
            frame.address(w, 0);
            Account account = see();
            long[] key = java.util.Arrays.copyOfRange(stack, at, at + Word.LONGS);
            account.storage.computeIfAbsent(hex(key, Word.BYTES), name -> {
                host.original(w, 0, key, 0, value, 0);
                return hex(value, Word.BYTES);
            });
        } else {
            Word.copy(stack, at, w, 0);
            Operations.maskAddress(w, 0);
            if (at == stackLongs - Word.LONGS) {
                see();
            } else {
                seeCode();
            }
        }
    }

    @Override
    public void end(Frame frame, Status status) {
        if (noted != null) {                             // ran nothing, so its value never moved
            frame.address(w, 0);
            accounts.replace(noted, look(true));
            noted = null;
        }
    }

    /// {@return what was seen since [#before]}
    public String json() {
        StringBuilder all = new StringBuilder();
        accounts.forEach((address, account) -> {
            if (account.isMade && account.isEmpty()) {
                return;                                  // it was not there
            }
            all.append(all.isEmpty() ? "{" : ",").append('"').append(address).append("\":{\"balance\":\"0x").append(account.balance.toString(16)).append('"');
            if (account.nonce != 0) {
                all.append(",\"nonce\":").append(Long.toUnsignedString(account.nonce));
            }
            if (!account.code.isEmpty()) {
                all.append(",\"code\":\"0x").append(account.code).append('"');
            }
            if (!account.storage.isEmpty()) {
                StringBuilder slots = new StringBuilder();
                account.storage.forEach((key, was) -> slots.append(slots.isEmpty() ? "" : ",").append('"').append(key).append("\":\"").append(was).append('"'));
                all.append(",\"storage\":{").append(slots).append('}');
            }
            all.append('}');
        });
        return all.isEmpty() ? "{}" : all.append('}').toString();
    }
}
