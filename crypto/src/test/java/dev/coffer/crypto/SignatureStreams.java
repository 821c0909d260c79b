package dev.coffer.crypto;

import dev.coffer.crypto.SignatureContractTest.Signed;
import dev.coffer.crypto.ed25519.Ed25519Stream;
import dev.coffer.crypto.falcon.Falcon;
import dev.coffer.crypto.falcon.FalconForm;
import dev.coffer.crypto.falcon.FalconMessage;
import dev.coffer.crypto.mldsa.MlDsa;
import dev.coffer.crypto.p256.EcdsaP256;
import dev.coffer.crypto.p256.P256;
import dev.coffer.memory.Entropy;
import java.lang.foreign.MemorySegment;

/// How each algorithm takes a message in two pieces, as one interface; for [SignatureContractTest].
final class SignatureStreams {
    private SignatureStreams() {}

    /// A message that is cut at one place; its context is the whole one of `signed`.
    interface Pieces {
        void sign(Entropy entropy, Signed signed, MemorySegment message, int cut, MemorySegment out);

        boolean verify(Signed signed, MemorySegment message, int cut, MemorySegment signature);
    }

    static final Pieces ED25519 = new Pieces() {
        @Override
        public void sign(Entropy entropy, Signed signed, MemorySegment message, int cut, MemorySegment out) {
            try (Ed25519Stream stream = new Ed25519Stream(Memory.zeros(Ed25519Stream.MEMORY_BYTES), 0)) {
                stream.startSigning(signed.privateKey(), 0, signed.privateKey(), 32);
                update(stream, message, cut);
                stream.readAgain();
                update(stream, message, (int) message.byteSize() - cut);  // cut elsewhere
                expect(stream.sign(out, 0));
            }
        }

        @Override
        public boolean verify(Signed signed, MemorySegment message, int cut, MemorySegment signature) {
            try (Ed25519Stream stream = new Ed25519Stream(Memory.zeros(Ed25519Stream.MEMORY_BYTES), 0)) {
                stream.startVerifying(signed.publicKey(), 0, signature, 0);
                update(stream, message, cut);
                return stream.verify();
            }
        }

        private void update(Ed25519Stream stream, MemorySegment message, int cut) {
            stream.update(message, 0, cut);
            stream.update(message, cut, message.byteSize() - cut);
        }
    };

    /// By the digest: what is hedged with is as long as the outline's.
    static final Pieces ECDSA = new Pieces() {
        @Override
        public void sign(Entropy entropy, Signed signed, MemorySegment message, int cut, MemorySegment out) {
            MemorySegment extra = Memory.zeros(32);
            entropy.fill(extra, 0, 32);
            expect(EcdsaP256.signDigest(signed.privateKey(), 0, digest(message, cut), 0, extra, 0, 32, out, 0,
                    Memory.zeros(EcdsaP256.SIGN_WORKSPACE_BYTES), 0));
        }

        @Override
        public boolean verify(Signed signed, MemorySegment message, int cut, MemorySegment signature) {
            return EcdsaP256.verifyDigest(signed.publicKey(), 0, P256.PUBLIC_KEY_BYTES, digest(message, cut), 0, signature, 0, signature.byteSize(),
                    Memory.zeros(EcdsaP256.VERIFY_WORKSPACE_BYTES), 0);
        }

        private MemorySegment digest(MemorySegment message, int cut) {
            MemorySegment state = Memory.zeros(Hash.SHA_256.stateBytes());
            MemorySegment digest = Memory.zeros(32);
            Hash.SHA_256.init(state, 0);
            Hash.SHA_256.update(state, 0, message, 0, cut);
            Hash.SHA_256.update(state, 0, message, cut, message.byteSize() - cut);
            Hash.SHA_256.digest(state, 0, digest, 0);
            return digest;
        }
    };

    static Pieces mlDsa(MlDsa dsa) {
        return new Pieces() {
            @Override
            public void sign(Entropy entropy, Signed signed, MemorySegment message, int cut, MemorySegment out) {
                expect(dsa.signMu(entropy, signed.privateKey(), 0, mu(signed, message, cut), 0, out, 0, Memory.zeros(dsa.signWorkspaceBytes()), 0));
            }

            @Override
            public boolean verify(Signed signed, MemorySegment message, int cut, MemorySegment signature) {
                return dsa.verifyMu(signed.publicKey(), 0, mu(signed, message, cut), 0, signature, 0, signature.byteSize(),
                        Memory.zeros(dsa.workspaceBytes()), 0);
            }

            private MemorySegment mu(Signed signed, MemorySegment message, int cut) {
                MemorySegment state = Memory.zeros(MlDsa.STATE_BYTES);
                MemorySegment mu = Memory.zeros(MlDsa.MU_BYTES);
                dsa.hashPublicKey(signed.publicKey(), 0, mu, 0, Memory.zeros(dsa.workspaceBytes()), 0);
                MlDsa.beginMu(mu, 0, signed.context(), 0, (int) signed.context().byteSize(), state, 0);
                MlDsa.updateMu(message, 0, cut, state, 0);
                MlDsa.updateMu(message, cut, message.byteSize() - cut, state, 0);
                MlDsa.endMu(mu, 0, state, 0);
                return mu;
            }
        };
    }

    static Pieces falcon(Falcon falcon) {
        return new Pieces() {
            @Override
            public void sign(Entropy entropy, Signed signed, MemorySegment message, int cut, MemorySegment out) {
                MemorySegment state = Memory.zeros(FalconMessage.STATE_BYTES);
                FalconMessage.beginSigning(entropy, state, 0);
                update(state, message, cut);
                expect(falcon.signMessage(FalconForm.PADDED, entropy, signed.privateKey(), 0, state, 0, out, 0, Memory.zeros(falcon.signWorkspaceBytes()),
                        0) == falcon.signatureBytes());
            }

            @Override
            public boolean verify(Signed signed, MemorySegment message, int cut, MemorySegment signature) {
                MemorySegment state = Memory.zeros(FalconMessage.STATE_BYTES);
                FalconMessage.beginVerifying(signature, 0, signature.byteSize(), state, 0);
                update(state, message, cut);
                return falcon.verifyMessage(FalconForm.PADDED, signed.publicKey(), 0, state, 0, signature, 0, signature.byteSize(),
                        Memory.zeros(falcon.workspaceBytes()), 0);
            }

            private void update(MemorySegment state, MemorySegment message, int cut) {
                FalconMessage.update(message, 0, cut, state, 0);
                FalconMessage.update(message, cut, message.byteSize() - cut, state, 0);
            }
        };
    }

    private static void expect(boolean holds) {
        if (!holds) {
            throw new AssertionError("it does not sign");
        }
    }
}
