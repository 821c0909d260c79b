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
/// it: accounts that were empty before and no slot of which was another than 0, such as those that it creates or pays for the first time; before EIP-161 they may have been there all the
/// same. Of go-ethereum's options `diffMode` and `includeEmpty` are not here.
///
/// Where text would go past `bytesMax`, the account or slot and all that would be new after it are left out, the run goes on as ever, and [#leftOut] tells: on what is left a
/// transaction may go another way. Makes objects: up to eight heap bytes for each of `bytesMax`. Belongs to the thread of its machine.
public final class PrestateTracer implements Tracer {
    /// Characters that are kept unless another number is asked for.
    public static final int BYTES_MAX = 64 << 20;

    private static final int ACCOUNT_BYTES = 200;           // its members but code and storage
    private static final int SLOT_BYTES = 140;

    /// As it was when it was first seen.
    private record Account(BigInteger balance, long nonce, String code, Map<String, String> storage) {
        boolean isEmpty() {
            return balance.signum() == 0 && nonce == 0 && code.isEmpty() && storage.values().stream().allMatch(NO_VALUE::equals);
        }
    }

    private static final String NO_VALUE = "0x" + "0".repeat(2 * Word.BYTES);

    private final Host host;
    private final int bytesMax;
    private final Map<String, Account> accounts = new LinkedHashMap<>();
    private final long[] w = new long[Word.LONGS];
    private final long[] value = new long[Word.LONGS];
    private String noted;                                // by the last creation that has begun; null where something else has happened since

    private long held;
    private long leftOut;

    /// Keeps [#BYTES_MAX] characters.
    ///
    /// @param host  of the machine
    public PrestateTracer(Host host) {
        this(host, BYTES_MAX);
    }

    /// @param host      of the machine
    /// @param bytesMax  characters of all accounts together, 1 KiB..1 GiB
    /// @throws IllegalArgumentException  a number out of its range (caller's fault)
    public PrestateTracer(Host host, int bytesMax) {
        if (bytesMax < 1 << 10 || bytesMax > 1 << 30) {
            throw new IllegalArgumentException("prestate tracer: bytesMax " + bytesMax + " (expected 1024..1073741824)");
        }
        this.host = java.util.Objects.requireNonNull(host);
        this.bytesMax = bytesMax;
    }

    /// Forgets what was seen and begins with who takes part in a transaction: its sender, its receiver, the block's author. To be called before
    /// it is executed, since fees move before the first instruction.
    ///
    /// @return this
    public PrestateTracer before(Transaction t) {
        accounts.clear();
        held = 0;
        leftOut = 0;
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

    /// {@return how often an account or a slot was looked at that had no room, since [#before]; 0 where all is told}
    public long leftOut() {
        return leftOut;
    }

    /// Once something had no room, nothing has: it may have changed until it is seen again.
    private boolean takes(long characters) {
        if (leftOut > 0 || characters > bytesMax - held) {
            leftOut++;
            return false;
        }
        held += characters;
        return true;
    }

    /// Notes the account whose address is in [#w].
    ///
    /// @return null for want of room
    private Account see() {
        return accounts.computeIfAbsent(hex(w, 20), name -> look());
    }

    /// The same of one whose code runs, and of that to which it delegates.
    private void seeCode() {
        Account account = see();
        String code = account == null ? "" : account.code;
        if (Delegations.isDesignator(code)) {
            Word.setHex(w, 0, code.substring(6));
            see();
        }
    }

    /// Null for want of room.
    private Account look() {
        long codeLength = host.codeLength(w, 0);
        if (!takes(ACCOUNT_BYTES + 2 * codeLength)) {
            return null;
        }
        host.balance(w, 0, value, 0);
        byte[] code = new byte[Math.toIntExact(codeLength)];
        if (code.length > 0) {
            host.copyCode(w, 0, 0, MemorySegment.ofArray(code), 0, code.length);
        }
        return new Account(Word.toBigInteger(value, 0), host.nonce(w, 0), HexFormat.of().formatHex(code), new TreeMap<>());
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
            if (!takes(ACCOUNT_BYTES)) {
                return null;
            }
            noted = name;
            host.balance(w, 0, value, 0);
            return new Account(Word.toBigInteger(value, 0).subtract(moved), 0, "", new TreeMap<>());
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
            if (account == null) {
                return;
            }
            long[] key = java.util.Arrays.copyOfRange(stack, at, at + Word.LONGS);
            account.storage.computeIfAbsent(hex(key, Word.BYTES), name -> {
                if (!takes(SLOT_BYTES)) {
                    return null;
                }
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
            Account found = look();
            if (found == null) {
                accounts.remove(noted);
            } else {
                accounts.put(noted, found);
            }
            noted = null;
        }
    }

    /// {@return what was seen since [#before] and was not empty}
    public String json() {
        StringBuilder all = new StringBuilder();
        accounts.forEach((address, account) -> {
            if (account.isEmpty()) {
                return;
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
