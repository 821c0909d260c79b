package dev.coffer.evm;

import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// What a transaction looked at, as it was before, as JSON in the shape of go-ethereum's `prestateTracer`: of each account balance, nonce, code and the slots that
/// were loaded or stored. With it the transaction can be executed again on nothing else. Whose code is run because another one delegates to it (EIP-7702) is in it. Not in
/// it, unless [PrestateConfig#empty] asks for them: accounts that were empty before and no slot of which was another than 0, such as those that it creates or pays for the first
/// time; before EIP-161 they may have been there all the same. What the transaction has changed of all that tells [#diff].
///
/// Where text would go past `bytesMax`, the account or slot and all that would be new after it are left out, the run goes on as ever, and [#leftOut] tells: on what is left a
/// transaction may go another way. Makes objects: up to eight heap bytes for each of `bytesMax`, and as many again for [#diff]. Belongs to the thread of its machine.
public final class PrestateTracer implements Tracer {
    /// Characters that are kept unless another number is asked for.
    public static final int BYTES_MAX = 64 << 20;

    private static final int ACCOUNT_BYTES = 200;           // its members but code and storage
    private static final int SLOT_BYTES = 140;

    private final Host host;
    private final PrestateConfig config;
    private final Map<String, PrestateAccount> accounts = new LinkedHashMap<>();
    private final Set<String> destroyed = new HashSet<>();
    private final long[] w = new long[Word.LONGS];
    private final long[] value = new long[Word.LONGS];
    private String noted;                                // by the last creation that has begun; null where something else has happened since

    private long held;
    private long leftOut;

    /// With what [PrestateConfig#defaults] tells.
    ///
    /// @param host  of the machine
    public PrestateTracer(Host host) {
        this(host, PrestateConfig.defaults());
    }

    /// @param host  of the machine
    public PrestateTracer(Host host, PrestateConfig config) {
        this.host = java.util.Objects.requireNonNull(host);
        this.config = java.util.Objects.requireNonNull(config);
    }

    /// Forgets what was seen and begins with who takes part in a transaction: its sender, its receiver, the block's author. To be called before
    /// it is executed, since fees move before the first instruction.
    ///
    /// @return this
    public PrestateTracer before(Transaction t) {
        accounts.clear();
        destroyed.clear();
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
        if (leftOut > 0 || characters > config.bytesMax() - held) {
            leftOut++;
            return false;
        }
        held += characters;
        return true;
    }

    /// Notes the account whose address is in [#w].
    ///
    /// @return null for want of room
    private PrestateAccount see() {
        return accounts.computeIfAbsent(PrestateAccount.hex(w, 20), name -> look());
    }

    /// The same of one whose code runs, and of that to which it delegates.
    private void seeCode() {
        PrestateAccount account = see();
        String code = account == null ? "" : account.code();
        if (Delegations.isDesignator(code)) {
            Word.setHex(w, 0, code.substring(6));
            see();
        }
    }

    /// Null for want of room.
    private PrestateAccount look() {
        return takes(ACCOUNT_BYTES + 2 * host.codeLength(w, 0)) ? PrestateAccount.of(host, w, 0) : null;
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
        accounts.computeIfAbsent(PrestateAccount.hex(w, 20), name -> {
            if (!takes(ACCOUNT_BYTES)) {
                return null;
            }
            noted = name;
            host.balance(w, 0, value, 0);
            return PrestateAccount.of(Word.toBigInteger(value, 0).subtract(moved));
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
            PrestateAccount account = see();
            if (account == null || !config.storage()) {
                return;
            }
            long[] key = java.util.Arrays.copyOfRange(stack, at, at + Word.LONGS);
            account.storage().computeIfAbsent(PrestateAccount.hex(key, Word.BYTES), name -> {
                if (!takes(SLOT_BYTES)) {
                    return null;
                }
                host.original(w, 0, key, 0, value, 0);
                return PrestateAccount.hex(value, Word.BYTES);
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
            PrestateAccount found = look();
            if (found == null) {
                accounts.remove(noted);
            } else {
                accounts.put(noted, found);
            }
            noted = null;
        }
    }

    @Override
    public void destroyed(Frame frame, long[] s, int heir, long[] b, int balance) {
        frame.address(w, 0);
        destroyed.add(PrestateAccount.hex(w, 20));
    }

    /// {@return what was seen since [#before], and was not empty unless those are asked for}
    public String json() {
        StringBuilder all = new StringBuilder("{");
        accounts.forEach((address, account) -> {
            if (config.empty() || !account.isEmpty()) {
                member(all, address, account);
            }
        });
        return all.append('}').toString();
    }

    /// {@return what is another now than it was before, in the shape of go-ethereum's `diffMode`: `post` has of each account that has changed only what has, `pre` balance, nonce
    ///         and code of the same accounts as they were, and of their slots those that have changed. A slot that is 0 is left out of where it is. Who had nothing before is in
    ///         `post` alone, who is gone in `pre` alone, with all slots that were seen. Who has changed only in what the configuration leaves out is in neither}
    ///
    /// To be called after [TransactionExecutor#execute], and before the host goes on. Of a transaction that is only simulated it tells what has changed until then where a
    /// tracer calls it at the end of the outermost call: nothing has been removed, and nobody has been paid for gas.
    public String diff() {
        StringBuilder post = new StringBuilder("{");
        StringBuilder pre = new StringBuilder("{");
        accounts.forEach((address, was) -> {
            Word.setHex(w, 0, address.substring(2));
            boolean isGone = destroyed.contains(address) && PrestateAccount.of(host, w, 0).isEmpty();
            PrestateAccount changes = isGone ? was : PrestateAccount.changes(was, host, w, 0, config);
            if (changes == null) {
                return;
            }
            if (!isGone) {
                member(post, address, changes.withNoZeros());
            }
            if (!was.isEmpty()) {
                member(pre, address, isGone ? was : was.withSlots(changes.storage()));
            }
        });
        return "{\"post\":" + post + "},\"pre\":" + pre + "}}";
    }

    private void member(StringBuilder to, String address, PrestateAccount account) {
        to.append(to.length() == 1 ? "\"" : ",\"").append(address).append("\":");
        account.write(to, config);
    }
}
