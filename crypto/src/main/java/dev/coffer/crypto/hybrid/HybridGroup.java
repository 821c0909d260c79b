package dev.coffer.crypto.hybrid;

import dev.coffer.crypto.Agreement;
import dev.coffer.crypto.exchange.Curve;
import dev.coffer.crypto.internal.Drawn;
import dev.coffer.crypto.internal.Ending;
import dev.coffer.crypto.internal.Ranges;
import dev.coffer.crypto.mlkem.MlKem;
import dev.coffer.crypto.p256.P256;
import dev.coffer.crypto.x25519.X25519;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Wipe;
import java.lang.foreign.MemorySegment;

/// A hybrid named group of TLS 1.3: a curve and ML-KEM-768, whose shares and secrets are put one behind the other. Stateless,
/// thread-safe; 0 heap bytes.
///
/// ```
///   client  share(entropy)  -> client share, 96 secret bytes
///   server  answer(entropy, client share)      -> server share, shared secret
///   client  finish(96 bytes, server share)     -> shared secret
/// ```
///
/// | | X25519MLKEM768 | SecP256r1MLKEM768 |
/// |---|---|---|
/// | client share | encapsulation key 1,184, X25519 32 | P-256 65, encapsulation key 1,184 |
/// | server share | ciphertext 1,088, X25519 32 | P-256 65, ciphertext 1,088 |
/// | shared secret | ML-KEM's 32, X25519's 32 | P-256's 32, ML-KEM's 32 |
///
/// A client keeps the seed of its decapsulation key and the scalar, 96 bytes, and makes the key again when the server has
/// answered: 2,336 bytes less for each handshake that waits, for the time of one key generation.
///
/// Whatever a peer sends has one of the answers of [Agreement]; all but `AGREED` are TLS's `illegal_parameter`. A ciphertext
/// that was changed on the way gives another secret on either side, and TLS finds out by its Finished. A workspace is memory
/// of [#WORKSPACE_BYTES] that nobody else uses during the call, off the heap, apart from the rest; it is zero afterwards.
public enum HybridGroup {
    /// Codepoint 0x11EC.
    X25519_MLKEM768("X25519MLKEM768", 0x11ec, X25519.PUBLIC_KEY_BYTES, false),
    /// Codepoint 0x11EB.
    SECP256R1_MLKEM768("SecP256r1MLKEM768", 0x11eb, P256.PUBLIC_KEY_BYTES, true);

    /// Bytes of what a client keeps between share and finish: the seed of ML-KEM, then the scalar of the curve.
    public static final int CLIENT_SECRET_BYTES = MlKem.SEED_BYTES + 32;
    /// Bytes of the shared secret: two of 32.
    public static final int SHARED_BYTES = 32 + MlKem.SHARED_BYTES;

    private static final int SCALAR_BYTES = 32;
    private static final int DRAWS_MAX = 8;  // that many misses of a scalar of P-256 have a chance of 2^-256
    private static final int EK_BYTES = 1184;
    private static final int DK_BYTES = 2400;
    private static final int CIPHERTEXT_BYTES = 1088;

    private static final long SECRET = 0;   // seed and scalar, or a server's scalar
    private static final long DRAWN = SECRET + CLIENT_SECRET_BYTES;
    private static final long SHARED = DRAWN + SCALAR_BYTES;
    private static final long EK = SHARED + SHARED_BYTES;
    private static final long DK = EK + EK_BYTES;
    private static final long OPERATION = DK + DK_BYTES;
    private static final long OPERATION_BYTES =
            Math.max(MlKem.ML_KEM_768.workspaceBytes(), Math.max(X25519.WORKSPACE_BYTES, P256.WORKSPACE_BYTES));
    /// Bytes of the workspace: secrets, both keys of ML-KEM, and the largest workspace of the three algorithms.
    public static final long WORKSPACE_BYTES = OPERATION + OPERATION_BYTES;

    // A server's: it makes no key of ML-KEM, and reads the client's where that lies.
    private static final long POINT = SHARED + SHARED_BYTES;
    private static final long ANSWER_OPERATION = POINT + (P256.PUBLIC_KEY_BYTES + Long.BYTES - 1 & -Long.BYTES);
    /// Bytes of the workspace of [#answer], the start of [#WORKSPACE_BYTES]: secrets, a point, and the largest workspace of the three algorithms.
    public static final long ANSWER_WORKSPACE_BYTES = ANSWER_OPERATION + OPERATION_BYTES;

    private final String tlsName;
    private final int codepoint;
    private final int pointBytes;
    private final boolean curveFirst;  // in shares and in the secret

    HybridGroup(String tlsName, int codepoint, int pointBytes, boolean curveFirst) {
        this.tlsName = tlsName;
        this.codepoint = codepoint;
        this.pointBytes = pointBytes;
        this.curveFirst = curveFirst;
    }

    /// {@return our own code of its curve}
    public Curve curve() {
        return this == X25519_MLKEM768 ? X25519.CURVE : P256.CURVE;
    }

    private static MlKem kem() {
        return MlKem.ML_KEM_768;
    }

    /// {@return the name in the registry of TLS, such as `X25519MLKEM768`}
    public String tlsName() {
        return tlsName;
    }

    /// {@return the number in the registry of TLS}
    public int codepoint() {
        return codepoint;
    }

    /// {@return bytes of a client's share}
    public int clientShareBytes() {
        return pointBytes + EK_BYTES;
    }

    /// {@return bytes of a server's share}
    public int serverShareBytes() {
        return pointBytes + CIPHERTEXT_BYTES;
    }

    /// {@return what lies in the workspace, as a plan of [#WORKSPACE_BYTES]}
    public static MemoryPlan plan() {
        return MemoryPlan.group("hybrid workspace", MemoryPlan.block("secrets", EK, 1, "seed, scalars, shared secret"),
                MemoryPlan.block("encapsulation key", EK_BYTES), MemoryPlan.block("decapsulation key", DK_BYTES),
                MemoryPlan.block("operation", OPERATION_BYTES, 1, "the largest of ML-KEM-768, X25519 and P-256"));
    }

    private long curveAt(long share, int otherBytes) {
        return curveFirst ? share : share + otherBytes;
    }

    private long kemAt(long share) {
        return curveFirst ? share + pointBytes : share;
    }

    /// Makes a client's share by our own code.
    ///
    /// @see #share(Curve, Entropy, MemorySegment, long, MemorySegment, long, MemorySegment, long)
    public void share(Entropy entropy, MemorySegment secret, long secretAt, MemorySegment share, long shareAt,
            MemorySegment workspace, long at) {
        share(curve(), entropy, secret, secretAt, share, shareAt, workspace, at);
    }

    /// Makes a client's share.
    ///
    /// @param curve      a form of [#curve]
    /// @param entropy    `Entropy.SYSTEM` but in tests
    /// @param secret     room off the heap for [#CLIENT_SECRET_BYTES]; the caller wipes it
    /// @param share      room for [#clientShareBytes]
    /// @param workspace  [#WORKSPACE_BYTES] from `at`, off the heap
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   ranges overlap, or are on the heap as they must not (caller's fault); nothing is
    ///                                    written
    /// @throws IllegalStateException      the source has no bytes or filled nothing; outputs are unchanged or wiped
    public void share(Curve curve, Entropy entropy, MemorySegment secret, long secretAt, MemorySegment share, long shareAt,
            MemorySegment workspace, long at) {
        check(curve);
        Ranges.checkWorkspace(tlsName, secret, secretAt, CLIENT_SECRET_BYTES);
        Ranges.checkWritable(tlsName, share, shareAt, clientShareBytes());
        Ranges.checkWorkspace(tlsName, workspace, at, WORKSPACE_BYTES);
        Ranges.apart(tlsName, secret, secretAt, CLIENT_SECRET_BYTES, share, shareAt, clientShareBytes());
        apart(workspace, at, WORKSPACE_BYTES, secret, secretAt, CLIENT_SECRET_BYTES);
        apart(workspace, at, WORKSPACE_BYTES, share, shareAt, clientShareBytes());
        boolean done = false;
        try {
            Drawn.fill(tlsName, entropy, workspace, at + SECRET, MlKem.SEED_BYTES);
            drawScalar(curve, entropy, workspace, at + SECRET + MlKem.SEED_BYTES, at, OPERATION);
            kem().keyPair(workspace, at + SECRET, share, kemAt(shareAt), workspace, at + DK, workspace, at + OPERATION);
            boolean made = curve.publicKey(workspace, at + SECRET + MlKem.SEED_BYTES, share, curveAt(shareAt, EK_BYTES), workspace,
                    at + OPERATION);
            assert made : "a private key that was just made";
            MemorySegment.copy(workspace, at + SECRET, secret, secretAt, CLIENT_SECRET_BYTES);
            done = true;
        } finally {
            Ending.end(done, share, shareAt, clientShareBytes(), secret, secretAt, CLIENT_SECRET_BYTES, workspace, at, WORKSPACE_BYTES);
        }
    }

    /// One draw in 2^32 is no scalar of P-256: then another is taken.
    private void drawScalar(Curve curve, Entropy entropy, MemorySegment w, long scalar, long at, long operation) {
        for (int draws = 0; draws < DRAWS_MAX; draws++) {
            Drawn.fill(tlsName, entropy, w, at + DRAWN, SCALAR_BYTES);
            if (curve.privateKey(w, at + DRAWN, w, scalar, w, at + operation)) {
                return;
            }
        }
        throw new IllegalStateException(tlsName + ": the entropy source gave no private key in " + DRAWS_MAX + " draws");
    }

    private long curveShared(long at) {
        return at + SHARED + (curveFirst ? 0 : MlKem.SHARED_BYTES);
    }

    /// Refuses what is no form of its curve, or works in more than there is.
    private void check(Curve curve) {
        if (!curve.name().equals(curve().name()) || curve.workspaceBytes() > OPERATION_BYTES) {
            throw new IllegalArgumentException(tlsName + ": " + curve + " that works in " + curve.workspaceBytes() + " bytes (expected a form of "
                    + curve() + " that works in " + OPERATION_BYTES + " at most)");
        }
    }

    private long kemShared(long at) {
        return at + SHARED + (curveFirst ? SCALAR_BYTES : 0);
    }

    /// Answers a client's share by our own code.
    ///
    /// @see #answer(Curve, Entropy, MemorySegment, long, long, MemorySegment, long, MemorySegment, long, MemorySegment, long)
    public Agreement answer(Entropy entropy, MemorySegment client, long clientAt, long clientLength, MemorySegment share,
            long shareAt, MemorySegment shared, long sharedAt, MemorySegment workspace, long at) {
        return answer(curve(), entropy, client, clientAt, clientLength, share, shareAt, shared, sharedAt, workspace, at);
    }

    /// Answers a client's share: makes the server's, and the shared secret.
    ///
    /// @param curve         a form of [#curve]
    /// @param entropy       `Entropy.SYSTEM` but in tests
    /// @param client        the client's share
    /// @param clientLength  its bytes, whatever the client sent
    /// @param share         room for [#serverShareBytes], apart from the client's
    /// @param shared        room off the heap for [#SHARED_BYTES]
    /// @param workspace     [#ANSWER_WORKSPACE_BYTES] from `at`, off the heap
    /// @return `AGREED`; else what is wrong with the client's share, and then nothing was written
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   ranges overlap, or are on the heap as they must not (caller's fault); nothing is
    ///                                    written
    /// @throws IllegalStateException      the source has no bytes or filled nothing; outputs are unchanged or wiped
    public Agreement answer(Curve curve, Entropy entropy, MemorySegment client, long clientAt, long clientLength, MemorySegment share,
            long shareAt, MemorySegment shared, long sharedAt, MemorySegment workspace, long at) {
        check(curve);
        Ranges.check(tlsName, client, clientAt, clientLength);
        Ranges.checkWritable(tlsName, share, shareAt, serverShareBytes());
        Ranges.checkWorkspace(tlsName, shared, sharedAt, SHARED_BYTES);
        Ranges.checkWorkspace(tlsName, workspace, at, ANSWER_WORKSPACE_BYTES);
        Ranges.apart(tlsName, client, clientAt, clientLength, share, shareAt, serverShareBytes());
        Ranges.apart(tlsName, client, clientAt, clientLength, shared, sharedAt, SHARED_BYTES);
        Ranges.apart(tlsName, share, shareAt, serverShareBytes(), shared, sharedAt, SHARED_BYTES);
        apart(workspace, at, ANSWER_WORKSPACE_BYTES, client, clientAt, clientLength);
        apart(workspace, at, ANSWER_WORKSPACE_BYTES, share, shareAt, serverShareBytes());
        apart(workspace, at, ANSWER_WORKSPACE_BYTES, shared, sharedAt, SHARED_BYTES);
        if (clientLength != clientShareBytes()) {
            return Agreement.NO_SHARE;
        }
        boolean whole = true;
        try {
            drawScalar(curve, entropy, workspace, at + SECRET, at, ANSWER_OPERATION);
            Agreement agreement = curve.exchange(workspace, at + SECRET, client, curveAt(clientAt, EK_BYTES), workspace, curveShared(at),
                    workspace, at + POINT, workspace, at + ANSWER_OPERATION);
            if (agreement != Agreement.AGREED) {
                return agreement;
            }
            whole = false;
            whole = !kem().encapsulate(entropy, client, kemAt(clientAt), share, kemAt(shareAt), workspace, kemShared(at), workspace,
                    at + ANSWER_OPERATION);
            if (whole) {
                return Agreement.NO_SHARE;
            }
            MemorySegment.copy(workspace, at + POINT, share, curveAt(shareAt, CIPHERTEXT_BYTES), pointBytes);
            MemorySegment.copy(workspace, at + SHARED, shared, sharedAt, SHARED_BYTES);
            whole = true;
            return Agreement.AGREED;
        } finally {
            Ending.end(whole, share, shareAt, serverShareBytes(), shared, sharedAt, SHARED_BYTES, workspace, at, ANSWER_WORKSPACE_BYTES);
        }
    }

    /// Takes a server's share by our own code.
    ///
    /// @see #finish(Curve, MemorySegment, long, MemorySegment, long, long, MemorySegment, long, MemorySegment, long)
    public Agreement finish(MemorySegment secret, long secretAt, MemorySegment server, long serverAt, long serverLength,
            MemorySegment shared, long sharedAt, MemorySegment workspace, long at) {
        return finish(curve(), secret, secretAt, server, serverAt, serverLength, shared, sharedAt, workspace, at);
    }

    /// Takes a server's share: the shared secret.
    ///
    /// @param curve         a form of [#curve]
    /// @param secret        what [#share] wrote, off the heap; the caller wipes it
    /// @param server        the server's share
    /// @param serverLength  its bytes, whatever the server sent
    /// @param shared        room off the heap for [#SHARED_BYTES]
    /// @param workspace     [#WORKSPACE_BYTES] from `at`, off the heap
    /// @return `AGREED`; else what is wrong with the server's share, and then nothing was written
    /// @throws IndexOutOfBoundsException  a range does not lie in its segment (caller's fault); nothing is written
    /// @throws IllegalArgumentException   ranges overlap, or are on the heap as they must not (caller's fault); nothing is
    ///                                    written
    public Agreement finish(Curve curve, MemorySegment secret, long secretAt, MemorySegment server, long serverAt, long serverLength,
            MemorySegment shared, long sharedAt, MemorySegment workspace, long at) {
        check(curve);
        Ranges.checkSecret(tlsName, secret, secretAt, CLIENT_SECRET_BYTES);
        Ranges.check(tlsName, server, serverAt, serverLength);
        Ranges.checkWorkspace(tlsName, shared, sharedAt, SHARED_BYTES);
        Ranges.checkWorkspace(tlsName, workspace, at, WORKSPACE_BYTES);
        Ranges.apart(tlsName, secret, secretAt, CLIENT_SECRET_BYTES, shared, sharedAt, SHARED_BYTES);
        Ranges.apart(tlsName, server, serverAt, serverLength, shared, sharedAt, SHARED_BYTES);
        apart(workspace, at, WORKSPACE_BYTES, secret, secretAt, CLIENT_SECRET_BYTES);
        apart(workspace, at, WORKSPACE_BYTES, server, serverAt, serverLength);
        apart(workspace, at, WORKSPACE_BYTES, shared, sharedAt, SHARED_BYTES);
        if (serverLength != serverShareBytes()) {
            return Agreement.NO_SHARE;
        }
        try {
            MemorySegment.copy(secret, secretAt, workspace, at + SECRET, CLIENT_SECRET_BYTES);
            Agreement agreement = curve.agree(workspace, at + SECRET + MlKem.SEED_BYTES, server, curveAt(serverAt, CIPHERTEXT_BYTES), workspace,
                    curveShared(at), workspace, at + OPERATION);
            if (agreement != Agreement.AGREED) {
                return agreement;
            }
            kem().keyPair(workspace, at + SECRET, workspace, at + EK, workspace, at + DK, workspace, at + OPERATION);
            if (!kem().decapsulate(workspace, at + DK, server, kemAt(serverAt), workspace, kemShared(at), workspace, at + OPERATION)) {
                throw new IllegalStateException(tlsName + ": a decapsulation key that is none");  // made by us
            }
            MemorySegment.copy(workspace, at + SHARED, shared, sharedAt, SHARED_BYTES);
            return Agreement.AGREED;
        } finally {
            Wipe.bytes(workspace, at, WORKSPACE_BYTES);
        }
    }

    private void apart(MemorySegment workspace, long at, long bytes, MemorySegment segment, long segmentAt, long length) {
        Ranges.apart(tlsName, workspace, at, bytes, segment, segmentAt, length);
    }

    @Override
    public String toString() {
        return tlsName;
    }
}
