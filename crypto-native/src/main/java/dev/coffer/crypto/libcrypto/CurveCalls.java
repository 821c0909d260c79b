package dev.coffer.crypto.libcrypto;

import static dev.coffer.crypto.libcrypto.LibraryBinder.call;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// The functions of libcrypto that compute on curves. All of them make objects, which comes back to us: plain calls, and where they read or
/// write a caller's memory they hold it open.
///
/// The classic forms of BIGNUM and EC_POINT, which are what the newer ones are made of: they work on memory alone, and ask no provider.
final class CurveCalls {
    /// Why there is no library, for messages; empty where it is bound.
    static final String OBSTACLE;

    private static final int X25519 = 1034;         // EVP_PKEY_X25519
    private static final int P256 = 415;            // NID_X9_62_prime256v1
    private static final int CONSTANT_TIME = 4;     // BN_FLG_CONSTTIME
    private static final int UNCOMPRESSED = 4;      // POINT_CONVERSION_UNCOMPRESSED

    private static final MethodHandle KEY_PRIVATE;
    private static final MethodHandle KEY_PUBLIC;
    private static final MethodHandle KEY_GET_PUBLIC;
    private static final MethodHandle KEY_FREE;
    private static final MethodHandle EXCHANGE_NEW;
    private static final MethodHandle EXCHANGE_BEGIN;
    private static final MethodHandle EXCHANGE_PEER;
    private static final MethodHandle EXCHANGE_DERIVE;
    private static final MethodHandle EXCHANGE_FREE;
    private static final MethodHandle NUMBER_OF;
    private static final MethodHandle NUMBER_FLAGS;
    private static final MethodHandle NUMBER_IS_ZERO;
    private static final MethodHandle NUMBER_COMPARE;
    private static final MethodHandle NUMBER_FREE;
    private static final MethodHandle GROUP_NEW;
    private static final MethodHandle GROUP_FREE;
    private static final MethodHandle GROUP_ORDER;
    private static final MethodHandle POINT_NEW;
    private static final MethodHandle POINT_FREE;
    private static final MethodHandle POINT_OF;
    private static final MethodHandle POINT_MULTIPLY;
    private static final MethodHandle POINT_ENCODE;

    static {
        LibraryBinder binder = new LibraryBinder();
        KEY_PRIVATE = binder.holding("EVP_PKEY_new_raw_private_key");
        KEY_PUBLIC = binder.holding("EVP_PKEY_new_raw_public_key");
        KEY_GET_PUBLIC = binder.holding("EVP_PKEY_get_raw_public_key");
        KEY_FREE = binder.plain("EVP_PKEY_free");
        EXCHANGE_NEW = binder.plain("EVP_PKEY_CTX_new");
        EXCHANGE_BEGIN = binder.plain("EVP_PKEY_derive_init");
        EXCHANGE_PEER = binder.plain("EVP_PKEY_derive_set_peer");
        EXCHANGE_DERIVE = binder.holding("EVP_PKEY_derive");
        EXCHANGE_FREE = binder.plain("EVP_PKEY_CTX_free");
        NUMBER_OF = binder.holding("BN_bin2bn");
        NUMBER_FLAGS = binder.plain("BN_set_flags");
        NUMBER_IS_ZERO = binder.plain("BN_is_zero");
        NUMBER_COMPARE = binder.plain("BN_ucmp");
        NUMBER_FREE = binder.plain("BN_clear_free");
        GROUP_NEW = binder.plain("EC_GROUP_new_by_curve_name");
        GROUP_FREE = binder.plain("EC_GROUP_free");
        GROUP_ORDER = binder.plain("EC_GROUP_get0_order");
        POINT_NEW = binder.plain("EC_POINT_new");
        POINT_FREE = binder.plain("EC_POINT_clear_free");
        POINT_OF = binder.holding("EC_POINT_oct2point");
        POINT_MULTIPLY = binder.plain("EC_POINT_mul");
        POINT_ENCODE = binder.holding("EC_POINT_point2oct");
        OBSTACLE = binder.obstacle();
    }

    private CurveCalls() {}

    /// Does an exchange on X25519 and a multiplication on P-256, with keys that are nobody's: what the library makes for that, and keeps, it
    /// makes now.
    ///
    /// @return whether it could
    static boolean fetch() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(160).fill((byte) 9);
            long own = privateKey(memory, 0);
            long peer = publicKey(memory, 0);
            long exchange = own == 0 || peer == 0 ? 0 : exchange(own, peer);
            long group = group();
            long point = group == 0 ? 0 : point(group);
            long scalar = scalar(memory, 0);
            boolean done = exchange != 0 && derive(exchange, memory, 32, 64) && publicKeyOf(own, memory, 32, 64) && point != 0 && scalar != 0
                    && isKey(group, scalar) && multiply(group, point, scalar, 0) && encode(group, point, memory, 80);
            scalarFree(scalar);
            pointFree(point);
            groupFree(group);
            exchangeFree(exchange);
            keyFree(peer);
            keyFree(own);
            return done;
        }
    }

    /// {@return an EVP_PKEY of X25519 with its public key, or 0}
    static long privateKey(MemorySegment key, long at) {
        return call(KEY_PRIVATE, X25519, 0, key.address() + at, 32, 0, 0, key, key);
    }

    /// {@return an EVP_PKEY of X25519, or 0}
    static long publicKey(MemorySegment key, long at) {
        return call(KEY_PUBLIC, X25519, 0, key.address() + at, 32, 0, 0, key, key);
    }

    /// Writes the public key.
    ///
    /// @param lengthAt  room for its length, 8 bytes
    static boolean publicKeyOf(long key, MemorySegment memory, long at, long lengthAt) {
        memory.set(LibraryBinder.WORD_UNALIGNED, lengthAt, 32);
        return (int) call(KEY_GET_PUBLIC, key, memory.address() + at, memory.address() + lengthAt, 0, 0, 0, memory, memory) == 1;
    }

    static void keyFree(long key) {
        call(KEY_FREE, key, 0, 0, 0, 0, 0);
    }

    /// {@return an EVP_PKEY_CTX for an exchange with a peer, or 0}
    static long exchange(long key, long peer) {
        long exchange = call(EXCHANGE_NEW, key, 0, 0, 0, 0, 0);
        if (exchange != 0 && ((int) call(EXCHANGE_BEGIN, exchange, 0, 0, 0, 0, 0) != 1
                || (int) call(EXCHANGE_PEER, exchange, peer, 0, 0, 0, 0) != 1)) {
            exchangeFree(exchange);
            return 0;
        }
        return exchange;
    }

    /// Writes the secret.
    ///
    /// @param lengthAt  room for its length, 8 bytes
    static boolean derive(long exchange, MemorySegment memory, long at, long lengthAt) {
        memory.set(LibraryBinder.WORD_UNALIGNED, lengthAt, 32);
        return (int) call(EXCHANGE_DERIVE, exchange, memory.address() + at, memory.address() + lengthAt, 0, 0, 0, memory, memory) == 1
                && memory.get(LibraryBinder.WORD_UNALIGNED, lengthAt) == 32;
    }

    static void exchangeFree(long exchange) {
        call(EXCHANGE_FREE, exchange, 0, 0, 0, 0, 0);
    }

    /// {@return the EC_GROUP of P-256, or 0}
    static long group() {
        return call(GROUP_NEW, P256, 0, 0, 0, 0, 0);
    }

    static void groupFree(long group) {
        call(GROUP_FREE, group, 0, 0, 0, 0, 0);
    }

    /// {@return a BIGNUM of 32 bytes, to be computed with in constant time, or 0}
    static long scalar(MemorySegment key, long at) {
        long number = call(NUMBER_OF, key.address() + at, 32, 0, 0, 0, 0, key, key);
        if (number != 0) {
            call(NUMBER_FLAGS, number, CONSTANT_TIME, 0, 0, 0, 0);
        }
        return number;
    }

    /// {@return whether a number is 1 to the order less 1: that alone is told of it}
    static boolean isKey(long group, long number) {
        return (int) call(NUMBER_IS_ZERO, number, 0, 0, 0, 0, 0) == 0
                && (int) call(NUMBER_COMPARE, number, call(GROUP_ORDER, group, 0, 0, 0, 0, 0), 0, 0, 0, 0) < 0;
    }

    static void scalarFree(long number) {
        call(NUMBER_FREE, number, 0, 0, 0, 0, 0);
    }

    /// {@return an EC_POINT, or 0}
    static long point(long group) {
        return call(POINT_NEW, group, 0, 0, 0, 0, 0);
    }

    static void pointFree(long point) {
        call(POINT_FREE, point, 0, 0, 0, 0, 0);
    }

    /// Reads a point in any form of SEC 1, which must lie on the curve.
    static boolean decode(long group, long point, MemorySegment memory, long at, long length) {
        return (int) call(POINT_OF, group, point, memory.address() + at, length, 0, 0, memory, memory) == 1;
    }

    /// `result` becomes `scalar` times the base point, or, where there is one, times `point`.
    static boolean multiply(long group, long result, long scalar, long point) {
        return (int) call(POINT_MULTIPLY, group, result, point == 0 ? scalar : 0, point, point == 0 ? 0 : scalar, 0) == 1;
    }

    /// Writes 65 bytes.
    static boolean encode(long group, long point, MemorySegment memory, long at) {
        return call(POINT_ENCODE, group, point, UNCOMPRESSED, memory.address() + at, 65, 0, memory, memory) == 65;
    }
}
