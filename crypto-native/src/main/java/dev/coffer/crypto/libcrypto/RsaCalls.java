package dev.coffer.crypto.libcrypto;

import static dev.coffer.crypto.libcrypto.LibraryBinder.call;

import dev.coffer.crypto.key.EncodedRsaKey.Component;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;

/// The functions of libcrypto that compute with RSA keys: plain calls all of them, as they make objects, and where they read or write a caller's memory they
/// hold it open.
///
/// The classic form of the key, which the newer ones are made of: it takes numbers as they are, and blinds each with a random one of its own before the secret
/// exponent sees it.
final class RsaCalls {
    /// Why there is no RSA in this library, for messages; empty where it is bound.
    static final String OBSTACLE;

    private static final int NO_PADDING = 3;  // RSA_NO_PADDING

    private static final MethodHandle NUMBER_OF;
    private static final MethodHandle NUMBER_FREE;
    private static final MethodHandle KEY_NEW;
    private static final MethodHandle KEY_FREE;
    private static final MethodHandle SET_KEY;
    private static final MethodHandle SET_FACTORS;
    private static final MethodHandle SET_EXPONENTS;
    private static final MethodHandle PRIVATELY;
    private static final MethodHandle PUBLICLY;

    static {
        LibraryBinder binder = new LibraryBinder();
        NUMBER_OF = binder.holding("BN_bin2bn");
        NUMBER_FREE = binder.plain("BN_clear_free");
        KEY_NEW = binder.plain("RSA_new");
        KEY_FREE = binder.plain("RSA_free");
        SET_KEY = binder.plain("RSA_set0_key");
        SET_FACTORS = binder.plain("RSA_set0_factors");
        SET_EXPONENTS = binder.plain("RSA_set0_crt_params");
        PRIVATELY = binder.holding("RSA_private_encrypt");
        PUBLICLY = binder.holding("RSA_public_decrypt");
        OBSTACLE = binder.obstacle();
    }

    private RsaCalls() {}

    /// {@return an RSA object of those numbers, or 0}
    ///
    /// @param offset  of each number in the memory
    /// @param bytes   of its room there
    static long key(MemorySegment memory, ToLongFunction<Component> offset, ToIntFunction<Component> bytes) {
        long[] made = new long[Component.values().length];
        long key = 0;
        boolean whole = false;
        try {
            key = call(KEY_NEW, 0, 0, 0, 0, 0, 0);
            boolean all = key != 0;
            for (Component number : Component.values()) {
                made[number.ordinal()] = all ? number(memory, offset.applyAsLong(number), bytes.applyAsInt(number)) : 0;
                all &= made[number.ordinal()] != 0;
            }
            whole = all && set(SET_KEY, key, made, Component.MODULUS, Component.PUBLIC_EXPONENT, Component.PRIVATE_EXPONENT)
                    && set(SET_FACTORS, key, made, Component.PRIME_1, Component.PRIME_2)
                    && set(SET_EXPONENTS, key, made, Component.EXPONENT_1, Component.EXPONENT_2, Component.COEFFICIENT);
            return whole ? key : 0;
        } finally {
            for (long number : made) {
                if (number != 0) {
                    call(NUMBER_FREE, number, 0, 0, 0, 0, 0);
                }
            }
            if (!whole) {
                free(key);
            }
        }
    }

    /// Hands numbers to a key: they are the key's from here on, if it takes them.
    private static boolean set(MethodHandle function, long key, long[] made, Component... numbers) {
        long third = numbers.length > 2 ? made[numbers[2].ordinal()] : 0;
        if ((int) call(function, key, made[numbers[0].ordinal()], made[numbers[1].ordinal()], third, 0, 0) != 1) {
            return false;
        }
        for (Component number : numbers) {
            made[number.ordinal()] = 0;
        }
        return true;
    }

    private static long number(MemorySegment memory, long at, int bytes) {
        return call(NUMBER_OF, memory.address() + at, bytes, 0, 0, 0, 0, memory, memory);
    }

    static void free(long key) {
        call(KEY_FREE, key, 0, 0, 0, 0, 0);
    }

    /// To the power of the private exponent, blinded.
    static boolean privately(long key, int bytes, MemorySegment input, long inputAt, MemorySegment output, long outputAt) {
        return (int) call(PRIVATELY, bytes, input.address() + inputAt, output.address() + outputAt, key, NO_PADDING, 0, input, output) == bytes;
    }

    /// To the power of the public exponent.
    static boolean publicly(long key, int bytes, MemorySegment input, long inputAt, MemorySegment output, long outputAt) {
        return (int) call(PUBLICLY, bytes, input.address() + inputAt, output.address() + outputAt, key, NO_PADDING, 0, input, output) == bytes;
    }
}
