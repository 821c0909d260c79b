package dev.coffer.evm.vectors;

import dev.coffer.evm.WorldState;
import dev.coffer.evm.WorldStateConfig;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A state that somebody wrote down as JSON: an object of accounts by their addresses, each with balance, nonce, code and storage, as state tests have it
/// (`pre`), as [dev.coffer.evm.PrestateTracer] and go-ethereum's `prestateTracer` print it, and as a genesis file has it (`alloc`, also where the object is that whole
/// file). What an account does not say is 0 or empty; `codeHash` and `secretKey` are passed
/// over, other members of it are refused. Numbers are hexadecimal with 0x, decimal without, or JSON's own. Immutable.
public final class StateFile {
    private static final int WORD = Word.LONGS;
    private static final int ADDRESS_DIGITS = 40;
    private static final int UNDOS_AN_ACCOUNT = 3;   // of WorldState.setCode

    private static final class Account {
        final long[] address = new long[WORD];
        final long[] balance = new long[WORD];
        long nonce;
        byte[] code = {};
        final List<long[]> storage = new ArrayList<>();   // key, value
    }

    private final List<Account> accounts = new ArrayList<>();
    private long codeBytes;
    private long slots;

    private StateFile() {}

    /// {@return a state without accounts}
    public static StateFile empty() {
        return new StateFile();
    }

    /// {@return the state that a text says}
    ///
    /// @throws IllegalArgumentException  it says none; the message says which account and member (the text's fault)
    public static StateFile of(String text) {
        Map<?, ?> all = object("state", Json.parse(text));
        StateFile state = new StateFile();
        Map<?, ?> by = all.get("alloc") instanceof Map<?, ?> alloc ? alloc : all;
        by.forEach((address, account) -> state.accounts.add(state.account(String.valueOf(address), account)));
        return state;
    }

    static Map<?, ?> object(String what, Object value) {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw new IllegalArgumentException(what + ": expected an object");
    }

    private Account account(String name, Object value) {
        Account account = new Account();
        address(name, account.address, 0);
        for (Map.Entry<?, ?> member : object(name, value).entrySet()) {
            String where = name + ": " + member.getKey();
            switch ((String) member.getKey()) {
                case "balance" -> word(where, member.getValue(), account.balance, 0);
                case "nonce" -> account.nonce = nonce(where, member.getValue());
                case "code" -> account.code = code(where, member.getValue());
                case "storage" -> object(where, member.getValue()).forEach((key, v) -> {
                    long[] slot = new long[2 * WORD];
                    word(where, key, slot, 0);
                    word(where + " " + key, v, slot, WORD);
                    account.storage.add(slot);
                });
                case "codeHash", "secretKey" -> {}                          // go-ethereum's tracer and genesis files have them
                default -> throw new IllegalArgumentException(where + ": not a member of an account (balance, nonce, code, storage)");
            }
        }
        codeBytes += account.code.length;
        slots += account.storage.size();
        return account;
    }

    private static long nonce(String where, Object value) {
        BigInteger number = number(where, value);
        if (number.bitLength() > Long.SIZE) {
            throw new IllegalArgumentException(where + ": expected at most 64 bits");
        }
        return number.longValue();
    }

    private static byte[] code(String where, Object value) {
        try {
            return Hex.bytes((String) value);
        } catch (IllegalArgumentException | ClassCastException e) {
            throw new IllegalArgumentException(where + ": expected hexadecimal bytes", e);
        }
    }

    static BigInteger number(String where, Object value) {
        try {
            String text = value instanceof String s ? s : value instanceof Long n ? Long.toString(n) : "";
            boolean isHex = text.toLowerCase(Locale.ROOT).startsWith("0x");
            String digits = isHex ? text.substring(2) : text;
            if (digits.chars().allMatch(c -> Character.digit(c, isHex ? 16 : 10) >= 0 && c < 0x80)) {
                BigInteger number = new BigInteger(digits, isHex ? 16 : 10);
                if (number.bitLength() <= Word.BYTES * Byte.SIZE) {
                    return number;
                }
            }
        } catch (NumberFormatException e) {
            // no digit at all: said below
        }
        throw new IllegalArgumentException(where + ": expected a number of at most 256 bits, hexadecimal with 0x or decimal");
    }

    static void word(String where, Object value, long[] to, int r) {
        Word.copy(Word.of(number(where, value)), 0, to, r);
    }

    /// Reads an address into a word: 40 digits, with or without 0x.
    ///
    /// @throws IllegalArgumentException  it is none
    public static void address(String text, long[] to, int r) {
        String digits = text.startsWith("0x") ? text.substring(2) : text;
        if (digits.length() != ADDRESS_DIGITS || !digits.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 0x80)) {
            throw new IllegalArgumentException(text + ": expected an address, 40 hexadecimal digits");
        }
        Hex.word(digits, to, r);
    }

    /// Reads a number into a word: hexadecimal with 0x, decimal without.
    ///
    /// @throws IllegalArgumentException  it is none, or of more than 256 bits
    public static void number(String text, long[] to, int r) {
        word(text, text, to, r);
    }

    /// {@return a size in which a world holds this and has room for a run besides: what [WorldStateConfig#defaults] has}
    ///
    /// @throws IllegalArgumentException  no world holds as much
    public WorldStateConfig size() {
        WorldStateConfig room = WorldStateConfig.defaults();
        long most = Math.max(accounts.size() + (long) room.accountsMax(), slots + room.slotsMax());
        long undos = slots + UNDOS_AN_ACCOUNT * (long) accounts.size() + room.undosMax();
        long code = codeBytes + room.codeBytesMax();
        if (Math.max(most, undos) > 1 << 24 || code > 1 << 30) {
            throw new IllegalArgumentException(
                    "a state of " + accounts.size() + " accounts, " + slots + " slots and " + codeBytes + " bytes of code is too large");
        }
        return room.withAccountsMax(accounts.size() + room.accountsMax()).withSlotsMax((int) slots + room.slotsMax()).withCodeBytesMax((int) code)
                .withUndosMax((int) undos);
    }

    /// Sets its accounts up in a world, outside any transaction.
    ///
    /// @throws IllegalStateException  there is no room for an account
    public void into(WorldState state) {
        for (Account account : accounts) {
            boolean room = state.account(account.address, 0, account.balance, 0, account.nonce);
            if (account.code.length > 0) {
                room &= state.setCode(account.address, 0, MemorySegment.ofArray(account.code), 0, account.code.length);
            }
            for (long[] slot : account.storage) {
                room &= state.store(account.address, 0, slot, 0, slot, WORD);
            }
            if (!room) {
                throw new IllegalStateException("no room for account " + Hex.address(account.address, 0) + " in " + state);
            }
        }
    }
}
