package dev.coffer.evm;

import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// An account as a [PrestateTracer] saw it, or what of it is another now: a member that is null is not told.
///
/// @param code     hexadecimal, without 0x
/// @param storage  of keys to values, as they are written
record PrestateAccount(BigInteger balance, Long nonce, String code, String codeHash, SortedMap<String, String> storage) {
    static final String NO_VALUE = "0x" + "0".repeat(2 * Word.BYTES);

    /// {@return the account as the host has it now, without slots}
    static PrestateAccount of(Host host, long[] s, int address) {
        long[] w = new long[Word.LONGS];
        host.balance(s, address, w, 0);
        byte[] code = new byte[Math.toIntExact(host.codeLength(s, address))];
        String codeHash = null;
        BigInteger balance = Word.toBigInteger(w, 0);
        if (code.length > 0) {
            host.copyCode(s, address, 0, MemorySegment.ofArray(code), 0, code.length);
            host.codeHash(s, address, w, 0);
            codeHash = hex(w, Word.BYTES);
        }
        return new PrestateAccount(balance, host.nonce(s, address), HexFormat.of().formatHex(code), codeHash, new TreeMap<>());
    }

    /// {@return an account with nothing but a balance}
    static PrestateAccount of(BigInteger balance) {
        return new PrestateAccount(balance, 0L, "", null, new TreeMap<>());
    }

    static String hex(long[] s, int bytes) {
        byte[] all = new byte[Word.BYTES];
        Word.store(s, 0, MemorySegment.ofArray(all), 0);
        return "0x" + HexFormat.of().formatHex(all, Word.BYTES - bytes, Word.BYTES);
    }

    boolean isEmpty() {
        return balance.signum() == 0 && nonce == 0 && code.isEmpty() && storage.values().stream().allMatch(NO_VALUE::equals);
    }

    /// {@return what is another now, slots included; null where nothing is, or nothing that is told}
    ///
    /// @param host    that it was of
    /// @param config  says whether code is told, or its hash
    static PrestateAccount changes(PrestateAccount was, Host host, long[] s, int address, PrestateConfig config) {
        PrestateAccount now = of(host, s, address);
        SortedMap<String, String> slots = new TreeMap<>();
        long[] w = new long[2 * Word.LONGS];
        was.storage.forEach((key, before) -> {
            Word.setHex(w, 0, key.substring(2));
            host.load(s, address, w, 0, w, Word.LONGS);
            String is = hex(Arrays.copyOfRange(w, Word.LONGS, 2 * Word.LONGS), Word.BYTES);
            if (!is.equals(before)) {
                slots.put(key, is);
            }
        });
        boolean isCodeSame = was.code.equals(now.code) || !config.code() && !config.codeHash();
        boolean isSame = was.balance.equals(now.balance) && was.nonce.equals(now.nonce) && isCodeSame;
        return isSame && slots.isEmpty() ? null
                : new PrestateAccount(was.balance.equals(now.balance) ? null : now.balance, was.nonce.equals(now.nonce) ? null : now.nonce,
                        isCodeSame ? null : now.code, isCodeSame ? null : now.codeHash, slots);
    }

    /// {@return the same without slots that are 0 or are not among some}
    PrestateAccount withSlots(Map<String, String> slots) {
        SortedMap<String, String> kept = new TreeMap<>(storage);
        kept.keySet().retainAll(slots.keySet());
        return new PrestateAccount(balance, nonce, code, codeHash, withoutZeros(kept));
    }

    /// {@return the same without slots that are 0}
    PrestateAccount withNoZeros() {
        return new PrestateAccount(balance, nonce, code, codeHash, withoutZeros(new TreeMap<>(storage)));
    }

    private static SortedMap<String, String> withoutZeros(SortedMap<String, String> slots) {
        slots.values().removeIf(NO_VALUE::equals);
        return slots;
    }

    /// Appends it as JSON.
    void write(StringBuilder to, PrestateConfig config) {
        int start = to.length();
        if (balance != null) {
            to.append(",\"balance\":\"0x").append(balance.toString(16)).append('"');
        }
        if (nonce != null && nonce != 0) {
            to.append(",\"nonce\":").append(Long.toUnsignedString(nonce));
        }
        if (config.code() && code != null && !code.isEmpty()) {
            to.append(",\"code\":\"0x").append(code).append('"');
        }
        if (config.codeHash() && codeHash != null) {
            to.append(",\"codeHash\":\"").append(codeHash).append('"');
        }
        if (config.storage() && !storage.isEmpty()) {
            StringBuilder slots = new StringBuilder();
            storage.forEach((key, value) -> slots.append(slots.isEmpty() ? "" : ",").append('"').append(key).append("\":\"").append(value).append('"'));
            to.append(",\"storage\":{").append(slots).append('}');
        }
        if (to.length() == start) {
            to.append('{');
        } else {
            to.setCharAt(start, '{');
        }
        to.append('}');
    }
}
