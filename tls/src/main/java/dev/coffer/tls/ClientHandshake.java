package dev.coffer.tls;

import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.BigEndian;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// One handshake of a client (RFC 8446, section 2): what it says, what it heard, and the secrets that are made meanwhile. Over a slot that is
/// lent from its hello to its Finished, and wiped then.
///
/// ```
///   HELLO --ServerHello--> EXTENSIONS --> CERTIFICATE --> VERIFY --> FINISHED --Finished--> DONE
///     ^ '--HelloRetryRequest, once--'         '-CertificateRequest-'
///                                     resumed: EXTENSIONS --> FINISHED
/// said:  hello | CCS, early data | EndOfEarlyData, certificate, Finished | again what was said early and not taken
/// ```
///
/// The connection's thread alone; 0 heap bytes but for the verifier's.
final class ClientHandshake extends ClientHandshakeParts {
    ClientHandshake(TlsClientConfig config, PeerVerifier verifier, MemorySegment memory, long at) {
        super(config, verifier, memory, at);
    }

    @Override
    void begin(TrafficKeys of) {
        super.begin(of);
        step = Step.HELLO;
        retried = false;
        retrying = false;
        changed = quic != null;                // it has no ChangeCipherSpec (RFC 9001, section 8.4)
        early.begin();
        proof.begin();
        over = false;
        cookieBytes = 0;
        suite = -1;
        protocol = -1;
        shares.begin(context().config());
        context().entropy().fill(memory, at + RANDOM, Wire.RANDOM_BYTES + SESSION_BYTES);
        resumed = false;
        limit = 0;
        identityVersion = context().identityVersion();
        ends = ClientResumption.ends(nowNanos());
        offered = context().resumption().take(keeper, peer, quic, memory, at + OFFER, nowNanos()) ? context().resumption().suiteOf(memory, at + OFFER) : -1;
        if (offered >= 0 && mayEarly) {
            early.announce(memory, at + OFFER, offered, only, quic != null);
        }
        protocol = early.protocol();
        if (quic != null && early.isOpen()) {
            SessionStore.tellTerms(memory, at + OFFER, quic);
        }
        hello();
    }

    /// What was said early is not taken, and nothing more is said under its key.
    private void refuseEarly() {
        early.refuse();
        keys().wipeWrite();
    }

    private void hello() {
        ClientHelloWriter writer = context().helloWriter();
        shares.moveOn(ClientHelloWriter.cookieBytes(cookieBytes));  // where they are now is written over
        long end = shares.write(context(), writer.write(memory, pieceAt, at + RANDOM, name, at + COOKIE, cookieBytes, only, quic));
        ClientResumption resumption = context().resumption();
        int binder = offered < 0 ? 0 : context().schedule(offered).secretBytes();
        end = early.isOpen() ? ClientHelloWriter.head(memory, end, Wire.EARLY_DATA, 0) : end;
        end = offered < 0 ? end : resumption.offer(memory, end, at + OFFER, binder, nowNanos());
        writer.end(memory, pieceAt, end, quic);
        helloBytes = (int) (end - pieceAt);
        BigEndian.u24(memory, pieceAt + 1, helloBytes - Wire.MESSAGE_HEADER_BYTES);
        piece = Piece.HELLO;
        int covered = offered < 0 ? helloBytes : helloBytes - ClientResumption.bindersBytes(binder);
        if (retried || offered >= 0) {
            if (!retried) {
                transcript.begin(context().schedule(offered).hash());  // for the binder alone: it begins again with the suite that is chosen
            }
            transcript.add(memory, pieceAt, covered);
        }
        if (offered >= 0) {
            KeySchedule schedule = context().schedule(offered);
            secrets.binder(schedule, at + OFFER + SessionStore.PSK, end - binder);
            if (early.isOpen()) {
                transcript.add(memory, pieceAt + covered, helloBytes - covered);
                keys().suite(offered);
                secrets.early(context(), schedule, keys(), at + RANDOM);
            }
            secrets.forgetEarly();
        }
        if (retried) {
            transcript.add(memory, pieceAt + covered, helloBytes - covered);
        }
        start(memory, pieceAt, helloBytes);
    }

    /// The session is not offered any more.
    private void withdraw() {
        offered = -1;
        Wipe.bytes(memory, at + OFFER, SessionStore.ENTRY_BYTES);
    }

    @Override
    boolean expects(int type) {
        return switch (step) {
            case HELLO -> type == Wire.SERVER_HELLO;
            case EXTENSIONS -> type == Wire.ENCRYPTED_EXTENSIONS;
            case CERTIFICATE_OR_REQUEST -> type == Wire.CERTIFICATE || type == Wire.CERTIFICATE_REQUEST;
            case CERTIFICATE -> type == Wire.CERTIFICATE;
            case VERIFY -> type == Wire.CERTIFICATE_VERIFY;
            case FINISHED -> type == Wire.FINISHED;
            case DONE -> false;
        };
    }

    @Override
    boolean endsItsRecord(int type) {
        return type == Wire.SERVER_HELLO || type == Wire.FINISHED;
    }

    @Override
    @Nullable
    Alert onMessage(int type, int bytes) {
        return switch (type) {
            case Wire.SERVER_HELLO -> onHello(bytes);
            case Wire.ENCRYPTED_EXTENSIONS -> onExtensions(bytes);
            case Wire.CERTIFICATE_REQUEST -> onRequest(bytes);
            case Wire.CERTIFICATE -> onCertificate(bytes);
            case Wire.CERTIFICATE_VERIFY -> onVerify(bytes);
            default -> onFinished(bytes);
        };
    }

    private @Nullable Alert onHello(int bytes) {
        if (piece == Piece.CHANGE) {
            piece = Piece.NONE;
            changed = false;
        }
        ServerHello hello = context().serverHello();
        Alert refused = hello.read(memory, inputAt, bytes, at + SESSION, quic == null ? SESSION_BYTES : 0);
        if (refused != null) {
            return refused;
        }
        int chosen = context().resumption().suiteOf(hello.suite());
        if (chosen < 0 || suite >= 0 && suite != chosen) {
            return Alert.ILLEGAL_PARAMETER;
        }
        if (suite < 0) {
            suite = chosen;
            transcript.begin(context().schedule(suite).hash());
            transcript.add(memory, pieceAt, helloBytes);
        }
        if (hello.isRetry()) {
            return onRetry(hello, bytes);
        }
        transcript.add(memory, inputAt, bytes);
        return agree(hello);
    }

    /// The server wants another share, or its cookie back, once (section 4.1.4).
    private @Nullable Alert onRetry(ServerHello hello, int bytes) {
        if (retried) {
            return Alert.UNEXPECTED_MESSAGE;
        }
        if (!shares.retry(context().config(), hello)) {
            return Alert.ILLEGAL_PARAMETER;  // nothing would change
        }
        if (hello.cookieBytes() > ClientHelloWriter.COOKIE_BYTES_MAX) {
            return Alert.HANDSHAKE_FAILURE;
        }
        if (early.isOpen()) {
            refuseEarly();
        }
        transcript.retry();
        transcript.add(memory, inputAt, bytes);
        cookieBytes = hello.cookieBytes();
        MemorySegment.copy(memory, hello.cookieAt(), memory, at + COOKIE, cookieBytes);
        if (offered >= 0 && context().schedule(offered).hash() != context().schedule(suite).hash()) {
            withdraw();  // section 4.1.4
        }
        retried = true;
        if (changed) {
            hello();
        } else {
            retrying = true;
            piece = Piece.CHANGE;
            changed = true;
            change(true);
        }
        return null;
    }

    private @Nullable Alert agree(ServerHello hello) {
        resumed = hello.key() != ServerHello.NO_KEY;
        if (resumed && offered < 0) {
            return Alert.UNSUPPORTED_EXTENSION;
        }
        if (resumed && (hello.key() != 0 || context().schedule(offered).hash() != context().schedule(suite).hash())) {
            return Alert.ILLEGAL_PARAMETER;  // section 4.2.11
        }
        int shared = shares.finish(context(), hello, secrets.sharedAt());
        if (shared == 0) {
            return Alert.ILLEGAL_PARAMETER;
        }
        KeySchedule schedule = context().schedule(suite);
        if (resumed) {
            secrets.begin(schedule, at + OFFER + SessionStore.PSK);
            ends = BigEndian.i64(memory, at + OFFER + SessionStore.ENDS);
        } else {
            secrets.begin(schedule);
        }
        withdraw();
        secrets.handshake(context(), schedule, shared, at + RANDOM);
        if (early.isRefusedBy(resumed, suite)) {
            refuseEarly();
        }
        keys().suite(suite);
        secrets.read(keys());
        if (!early.isOpen() || quic != null) {
            secrets.write(keys());  // from here on an alert is protected (section 6)
        }
        step = Step.EXTENSIONS;
        return null;
    }

    private @Nullable Alert onExtensions(int bytes) {
        EncryptedExtensions extensions = context().extensions();
        Alert refused = extensions.read(memory, inputAt, bytes, context().protocols(), only, name.byteSize() > 0,
                early.isAnnounced() && !retried, quic != null);
        if (refused == null) {
            refused = early.settle(extensions);
        }
        if (early.isOpen()) {
            refuseEarly();
            if (quic == null) {
                secrets.write(keys());
            }
        }
        protocol = extensions.protocol();
        if (refused == null && quic != null) {
            quic.onParameters(memory, extensions.parametersAt(), extensions.parametersBytes());
        }
        limit = extensions.recordSizeLimit();
        transcript.add(memory, inputAt, bytes);
        step = resumed ? Step.FINISHED : Step.CERTIFICATE_OR_REQUEST;
        return refused;
    }

    private @Nullable Alert onRequest(int bytes) {
        Alert refused = proof.ask(context(), memory, inputAt, bytes);
        if (refused == null) {
            transcript.add(memory, inputAt, bytes);
            step = Step.CERTIFICATE;
        }
        return refused;
    }

    private @Nullable Alert onCertificate(int bytes) {
        Alert refused = PeerProof.trustServer(verifier, memory, inputAt, bytes, host);
        transcript.add(memory, inputAt, bytes);
        step = Step.VERIFY;
        return refused;
    }

    private @Nullable Alert onVerify(int bytes) {
        Alert refused = PeerProof.verify(verifier, context().schemes(), memory, inputAt, bytes, PeerProof.SERVER, transcript,
                context().schedule(suite).secretBytes(), pieceAt);
        transcript.add(memory, inputAt, bytes);
        step = Step.FINISHED;
        return refused;
    }

    private @Nullable Alert onFinished(int bytes) {
        KeySchedule schedule = context().schedule(suite);
        if (bytes != Wire.MESSAGE_HEADER_BYTES + schedule.secretBytes()) {
            return Alert.DECODE_ERROR;
        }
        if (!secrets.verifies(schedule, inputAt + Wire.MESSAGE_HEADER_BYTES, pieceAt)) {
            return Alert.DECRYPT_ERROR;
        }
        transcript.add(memory, inputAt, bytes);
        secrets.application(schedule);
        secrets.read(keys());
        step = Step.DONE;
        if (early.isTaken() && quic == null) {  // RFC 9001, section 8.3
            Wire.u8(memory, pieceAt, Wire.END_OF_EARLY_DATA);
            piece = Piece.END_OF_EARLY;
            said(transcript, pieceAt + Wire.MESSAGE_HEADER_BYTES);
        } else if (changed) {
            answer();
        } else {
            piece = Piece.CHANGE;
            change(true);
        }
        return null;
    }

    @Override
    void nextPiece() {
        switch (piece) {
            case HELLO -> {
                piece = Piece.NONE;
                if (early.isOpen() && quic == null) {  // appendix D.4: before what is said early; the hello stays where it is
                    piece = Piece.CHANGE;
                    changed = true;
                    Wire.u8(memory, at + COOKIE, 1);
                    start(memory, at + COOKIE, 1);
                }
            }
            case CHANGE -> {
                piece = Piece.NONE;
                if (step == Step.DONE) {
                    answer();
                } else if (retrying) {
                    retrying = false;
                    hello();
                }
            }
            case CERTIFICATE -> {
                ServerIdentity signs = proof.shown();
                if (signs != null) {
                    verify(signs);
                } else {
                    finished();
                }
            }
            case VERIFY -> finished();
            case END_OF_EARLY, FINISHED, EARLY_AGAIN -> {
                last = piece;
                piece = Piece.NONE;
                over = true;
            }
            default -> piece = Piece.NONE;
        }
    }

    /// What goes under the keys of the handshake: where it was asked for, who we are, or that we have no certificate; Finished.
    private void answer() {
        ServerIdentity identity = proof.shown();
        if (!proof.isAsked()) {
            finished();
        } else if (identity != null) {
            transcript.add(identity.message(), 0, identity.message().byteSize());
            piece = Piece.CERTIFICATE;
            start(identity.message(), 0, (int) identity.message().byteSize());
        } else {
            piece = Piece.CERTIFICATE;
            said(transcript, OwnProof.nobody(memory, pieceAt));
        }
    }

    @Override
    void end() {
        proof.letGo();
    }

    private void verify(ServerIdentity identity) {
        piece = Piece.VERIFY;
        said(transcript, PeerProof.write(identity, context(), memory, pieceAt, PeerProof.CLIENT, transcript, context().schedule(suite).secretBytes()));
        end();
    }

    private void finished() {
        KeySchedule schedule = context().schedule(suite);
        piece = Piece.FINISHED;
        said(transcript, secrets.finished(context(), schedule, pieceAt, at + RANDOM));
        ClientResumption resumption = context().resumption();
        secrets.conclude(schedule, resumption.isOn(), resumption.memory(), resumption.secretAt(connection));
    }

    @Override
    boolean isFlightOver() {
        return over;
    }

    @Override
    void flightSealed() {
        over = false;
        if (last == Piece.EARLY_AGAIN) {
            return;
        }
        secrets.write(keys());
        if (last == Piece.END_OF_EARLY) {
            answer();
        } else if (early.againBytes() > 0) {
            piece = Piece.EARLY_AGAIN;
            start(memory, early.at(), early.againBytes());
        }
    }
}
