package dev.coffer.crypto.libcrypto;

import static dev.coffer.crypto.libcrypto.LibraryBinder.call;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/// The functions of libcrypto that are called, bound at first use; none of them where [#OBSTACLE] says why not.
///
/// **One shape.** Every function is called with six words and answers one: what it does not take lies in registers that it does not read,
/// an `int` is a word's lower half. So two linkings serve all. A third holds two segments beside, arguments that nobody reads: while the call
/// runs the VM keeps their memory from being closed.
///
/// **Critical** calls stay in the VM's own state: cheaper, but whoever calls back from one ends the VM. So only those are critical which
/// the self-test saw allocate nothing with this very library; whatever expands a key or makes an object is a plain call.
@SuppressWarnings("restricted")  // this class is where this module binds its library
final class LibraryCalls {
    /// Where the library is; a path or a name for the system's loader.
    static final String LIBRARY = LibraryBinder.LIBRARY;

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG;
    private static final FunctionDescriptor HOLDING = FunctionDescriptor.of(WORD, WORD, WORD, WORD, WORD, WORD, ValueLayout.ADDRESS,
            ValueLayout.ADDRESS);
    private static final Linker.Option CRITICAL = Linker.Option.critical(false);

    /// Why there is no library, for messages; empty where it is bound.
    static final String OBSTACLE;

    // Plain calls: they may allocate, which comes back to us.
    private static final MethodHandle SET_MEMORY;
    private static final MethodHandle INIT;
    private static final MethodHandle DEFAULT_CONTEXT;
    private static final MethodHandle VERSION;
    private static final MethodHandle THREAD_STOP;
    private static final MethodHandle FETCH;
    private static final MethodHandle CIPHER_FREE;
    private static final MethodHandle CONTEXT_NEW;
    private static final MethodHandle CONTEXT_FREE;
    private static final MethodHandle SET_PADDING;
    private static final MethodHandle BEGIN_PLAIN;
    private static final MethodHandle UPDATE_PLAIN;
    private static final MethodHandle FINISH_PLAIN;
    private static final MethodHandle CONTROL_PLAIN;

    // Critical calls: they allocate nothing.
    private static final MethodHandle BEGIN;
    private static final MethodHandle UPDATE;
    private static final MethodHandle FINISH;
    private static final MethodHandle CONTROL;

    static {
        LibraryBinder binder = new LibraryBinder();
        SET_MEMORY = binder.plain("CRYPTO_set_mem_functions");
        INIT = binder.plain("OPENSSL_init_crypto");
        DEFAULT_CONTEXT = binder.plain("OSSL_LIB_CTX_get0_global_default");
        VERSION = binder.plain("OpenSSL_version_num");
        THREAD_STOP = binder.plain("OPENSSL_thread_stop");
        FETCH = binder.plain("EVP_CIPHER_fetch");
        CIPHER_FREE = binder.plain("EVP_CIPHER_free");
        CONTEXT_NEW = binder.plain("EVP_CIPHER_CTX_new");
        CONTEXT_FREE = binder.plain("EVP_CIPHER_CTX_free");
        SET_PADDING = binder.plain("EVP_CIPHER_CTX_set_padding");
        BEGIN_PLAIN = binder.plain("EVP_CipherInit_ex");
        UPDATE_PLAIN = binder.holding("EVP_CipherUpdate");
        FINISH_PLAIN = binder.plain("EVP_CipherFinal_ex");
        CONTROL_PLAIN = binder.plain("EVP_CIPHER_CTX_ctrl");
        BEGIN = binder.bind("EVP_CipherInit_ex", LibraryBinder.SHAPE, CRITICAL);
        UPDATE = binder.bind("EVP_CipherUpdate", HOLDING, CRITICAL);
        FINISH = binder.bind("EVP_CipherFinal_ex", LibraryBinder.SHAPE, CRITICAL);
        CONTROL = binder.bind("EVP_CIPHER_CTX_ctrl", LibraryBinder.SHAPE, CRITICAL);
        OBSTACLE = binder.obstacle();
    }

    private LibraryCalls() {}

    /// {@return what the library's version number says: major << 28 | minor << 20 | patch << 4}
    static long version() {
        return call(VERSION, 0, 0, 0, 0, 0, 0);
    }

    /// Puts heaps of ours in the place of the library's own.
    ///
    /// @return whether it is: not where anything was allocated before. Where it is, it calls us as long as the process lives
    @SuppressWarnings("MustBeClosedChecker")  // closed where the library does not call
    static boolean serveFrom(LibraryAllocator heap) {
        MethodHandles.Lookup own = MethodHandles.lookup();
        Arena stubs = Arena.ofShared();
        boolean serves = false;
        try {
            serves = (int) call(SET_MEMORY,
                    stub(own.bind(heap, "allocate", MethodType.methodType(long.class, long.class, long.class, int.class)),
                            FunctionDescriptor.of(WORD, WORD, WORD, ValueLayout.JAVA_INT), stubs),
                    stub(own.bind(heap, "reallocate", MethodType.methodType(long.class, long.class, long.class, long.class, int.class)),
                            FunctionDescriptor.of(WORD, WORD, WORD, WORD, ValueLayout.JAVA_INT), stubs),
                    stub(own.bind(heap, "release", MethodType.methodType(void.class, long.class, long.class, int.class)),
                            FunctionDescriptor.ofVoid(WORD, WORD, ValueLayout.JAVA_INT), stubs),
                    0, 0, 0) == 1;
            return serves;
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("three methods of LibraryAllocator", e);
        } finally {
            if (!serves) {
                stubs.close();
            }
        }
    }

    private static long stub(MethodHandle target, FunctionDescriptor shape, Arena stubs) {
        return Linker.nativeLinker().upcallStub(target, shape, stubs).address();
    }

    /// {@return whether the library has started, with its context: without one it would follow a null pointer when it is first asked}
    static boolean init(long options) {
        return (int) call(INIT, options, 0, 0, 0, 0, 0) == 1 && call(DEFAULT_CONTEXT, 0, 0, 0, 0, 0, 0) != 0;
    }

    /// Gives back what the library holds for this thread: errors that were queued. Left to the thread's end it would call us on a thread
    /// that the VM has taken leave of.
    static void threadStop() {
        call(THREAD_STOP, 0, 0, 0, 0, 0, 0);
    }

    /// {@return an EVP_CIPHER, or 0}
    static long fetch(String name) {
        try (Arena arena = Arena.ofConfined()) {
            return call(FETCH, 0, arena.allocateFrom(name).address(), 0, 0, 0, 0);
        }
    }

    static void cipherFree(long cipher) {
        call(CIPHER_FREE, cipher, 0, 0, 0, 0, 0);
    }

    /// {@return an EVP_CIPHER_CTX, or 0}
    static long contextNew() {
        return call(CONTEXT_NEW, 0, 0, 0, 0, 0, 0);
    }

    static void contextFree(long context) {
        call(CONTEXT_FREE, context, 0, 0, 0, 0, 0);
    }

    static void withoutPadding(long context) {
        call(SET_PADDING, context, 0, 0, 0, 0, 0);
    }

    /// EVP_CipherInit_ex with a cipher or a key: a plain call.
    static boolean load(long context, long cipher, long key, long nonce, int direction) {
        return (int) call(BEGIN_PLAIN, context, cipher, 0, key, nonce, direction) == 1;
    }

    /// EVP_CipherInit_ex with a nonce alone.
    static boolean begin(boolean critical, long context, long nonce, int direction) {
        return (int) call(critical ? BEGIN : BEGIN_PLAIN, context, 0, 0, 0, nonce, direction) == 1;
    }

    /// EVP_CipherUpdate; two segments are held open meanwhile.
    static boolean update(boolean critical, long context, long output, long written, long input, long length, MemorySegment held,
            MemorySegment alsoHeld) {
        if (!critical) {
            return (int) call(UPDATE_PLAIN, context, output, written, input, length, 0, held, alsoHeld) == 1;
        }
        try {
            return (int) (long) UPDATE.invokeExact(context, output, written, input, length, held, alsoHeld) == 1;
        } catch (RuntimeException | Error thrown) {
            throw thrown;
        } catch (Throwable thrown) {
            throw new AssertionError("a call of libcrypto threw", thrown);
        }
    }

    /// EVP_CipherFinal_ex.
    static boolean finish(boolean critical, long context, long output, long written) {
        return (int) call(critical ? FINISH : FINISH_PLAIN, context, output, written, 0, 0, 0) == 1;
    }

    /// EVP_CIPHER_CTX_ctrl.
    static boolean control(boolean critical, long context, int type, int argument, long pointer) {
        return (int) call(critical ? CONTROL : CONTROL_PLAIN, context, type, argument, pointer, 0, 0) == 1;
    }
}
