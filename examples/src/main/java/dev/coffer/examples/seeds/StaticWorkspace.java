package dev.coffer.examples.seeds;

import dev.coffer.crypto.session.Session;
import dev.coffer.crypto.session.SessionConfig;
import dev.coffer.crypto.session.SessionRefusal;
import dev.coffer.crypto.session.SessionSecurity;
import dev.coffer.crypto.session.SessionState;
import dev.coffer.crypto.session.SessionWorkspace;
import dev.coffer.memory.ConstantTime;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;

/// The second part of the chapter on static memory of embedded crypto: a workspace of sessions, keys and double buffers.
public final class StaticWorkspace {
    private static final long START = 0;
    private static final long HOUR = TimeUnit.HOURS.toNanos(1);

    private StaticWorkspace() {}

    public static void main(String[] arguments) {
        presets();
        sessions();
        doubleBuffers();
        encryption();
        securityState();
        processWide();
    }

    private static void presets() {
        Beside.example("workspace: four presets");
        preset("micro", SessionConfig.micro(), 128, 2);
        preset("small", SessionConfig.small(), 512, 4);
        preset("medium", SessionConfig.medium(), 2048, 8);
        preset("large", SessionConfig.large(), 8192, 16);
    }

    /// The document: five buffers in all, a key, a nonce and a schedule of AES for each key; what a session knows of itself is
    /// not counted.
    private static void preset(String name, SessionConfig config, int bufferBytes, int count) {
        Beside.agrees(name + ": bytes of a buffer", bufferBytes, config.bufferBytes());
        Beside.agrees(name + ": keys, sessions", count + ", " + count, config.keys() + ", " + config.sessions());
        Beside.differs(name + ": buffers", 5, Session.BUFFERS * config.sessions());
        Beside.differs(name + ": bytes in all", 5 * bufferBytes + count * (32 + 12 + 4 * 60),
                SessionWorkspace.plan(config).totalBytes());
    }

    private static void sessions() {
        Beside.example("workspace: sessions");
        try (SessionWorkspace workspace = SessionWorkspace.open(SessionConfig.micro())) {
            Session first = new Session();
            Session second = new Session();
            Beside.agrees("the first and the second", "true, true",
                    workspace.tryAcquire(first, START) + ", " + workspace.tryAcquire(second, START));
            Beside.agrees("the first is", SessionState.ALLOCATED, first.state());
            Beside.differs("the third", "NoSessionAvailable", Beside.words(() -> workspace.acquire(new Session(), START)));
            first.release();
            Session next = workspace.acquire(new Session(), START);
            Beside.differs("the old number or handle, its place taken", "reaches the new session",
                    Beside.outcome(() -> first.lockInput()));
            Beside.agrees("the new session is", SessionState.ALLOCATED, next.state());
        }
    }

    private static void doubleBuffers() {
        Beside.example("workspace: double buffers");
        try (SessionWorkspace workspace = SessionWorkspace.open(SessionConfig.micro())) {
            Session session = workspace.acquire(new Session(), START);
            int one = session.lockInput();
            Beside.differs("the second while the first is in use", "NoBufferAvailable", session.lockInput());
            Beside.differs("the third", "NoBufferAvailable", SessionRefusal.of(session.lockInput()));
            Beside.agrees("an output buffer, from 2 on", true, session.lockOutput() >= 2);
            MemorySegment buffer = session.buffer(one);
            buffer.set(ValueLayout.JAVA_BYTE, 127, (byte) 7);
            session.unlock(one);
            Beside.agrees("released", "zero", ConstantTime.isZero(buffer, 0, 128) ? "zero" : "there");
            Beside.differs("released twice", "zeroed again", Beside.outcome(() -> session.unlock(one)));
            Beside.differs("an id of 4", "ignored", Beside.outcome(() -> session.unlock(4)));
        }
    }

    /// Two sessions of one secret, active.
    private static void pair(Session alice, Session bob, MemorySegment secret) {
        Entropy.SYSTEM.fill(secret, 0, 32);
        alice.loadKey(secret, 0, Session.Role.INITIATOR);
        bob.loadKey(secret, 0, Session.Role.RESPONDER);
        alice.activate(START);
        bob.activate(START);
    }

    private static void encryption() {
        Beside.example("workspace: a session's data encrypted");
        SessionConfig config = SessionConfig.medium();
        MemoryPlan plan = MemoryPlan.group("app", SessionWorkspace.plan(config), MemoryPlan.block("secret", 32));
        try (Region region = Region.open(RegionConfig.defaults("app"), plan);
                SessionWorkspace workspace = SessionWorkspace.in(config, region)) {
            Session alice = workspace.acquire(new Session(), START);
            Session bob = workspace.acquire(new Session(), START);
            int text = alice.lockInput();
            int sealed = alice.lockOutput();
            Beside.differs("before there is a key", "InvalidSessionState",
                    Beside.outcome(() -> alice.seal(text, 5, sealed, START)));
            pair(alice, bob, region.carve("secret"));
            alice.buffer(text).setString(0, "hello");
            int length = alice.seal(text, 5, sealed, START);
            Beside.differs("bytes of a message of 5", 5 + 16, length);
            int clear = bob.lockOutput();
            int opened = bob.open(alice.buffer(sealed), 0, length, bob.buffer(clear), 0, bob.bufferBytes(), START);
            Beside.only("bytes opened again", opened);
            Beside.only("the same message again", SessionRefusal.of(
                    bob.open(alice.buffer(sealed), 0, length, bob.buffer(clear), 0, bob.bufferBytes(), START)));
            Beside.differs("the longest text", 2048 - 16, alice.textBytesMax());
            Beside.differs("one byte more", "DataTooLarge",
                    Beside.outcome(() -> alice.seal(text, alice.textBytesMax() + 1, sealed, START)));
            alice.unlock(sealed);
        }
    }

    private static void securityState() {
        Beside.example("workspace: the state of security");
        SessionConfig config = SessionConfig.small();
        MemoryPlan plan = MemoryPlan.group("app", SessionWorkspace.plan(config), MemoryPlan.block("secret", 32),
                MemoryPlan.block("message", 64));
        try (Region region = Region.open(RegionConfig.defaults("app"), plan);
                SessionWorkspace workspace = SessionWorkspace.in(config, region)) {
            Session alice = workspace.acquire(new Session(), START);
            Session bob = workspace.acquire(new Session(), START);
            pair(alice, bob, region.carve("secret"));
            MemorySegment message = region.carve("message");
            int text = alice.lockInput();
            int length = alice.seal(alice.buffer(text), 0, 5, message, 0, 64, START);
            Beside.agrees("within the hour", SessionSecurity.SECURE, alice.security(HOUR - 1));
            Beside.differs("an hour later", "KeyRotationRequired", alice.security(HOUR));
            long epoch = alice.sendEpoch();
            alice.seal(alice.buffer(text), 0, 5, message, 0, 64, HOUR);
            Beside.differs("the next message", "sealed with the old key", "of epoch " + epoch + " + " + (alice.sendEpoch() - epoch));
            Beside.agrees("and then", SessionSecurity.SECURE, alice.security(HOUR));

            int clear = bob.lockOutput();
            message.set(ValueLayout.JAVA_BYTE, length - 1L, (byte) ~message.get(ValueLayout.JAVA_BYTE, length - 1L));
            for (int i = 0; i < 6; i++) {
                bob.open(message, 0, length, bob.buffer(clear), 0, bob.bufferBytes(), HOUR);
            }
            Beside.differs("six forged messages", "0 counted, by nobody", bob.refused(SessionRefusal.FORGED) + " counted");
            Beside.agrees("and then", SessionSecurity.SECURE, bob.security(HOUR));
        }
        forgedMessagesByPolicy();
    }

    /// What the document means by violations, where someone wants that.
    private static void forgedMessagesByPolicy() {
        SessionConfig config = SessionConfig.micro().withForged(5, TimeUnit.HOURS.toNanos(1));
        MemoryPlan plan = MemoryPlan.group("app", SessionWorkspace.plan(config), MemoryPlan.block("secret", 32),
                MemoryPlan.block("message", 64));
        try (Region region = Region.open(RegionConfig.defaults("app"), plan);
                SessionWorkspace workspace = SessionWorkspace.in(config, region)) {
            Session alice = workspace.acquire(new Session(), START);
            Session bob = workspace.acquire(new Session(), START);
            pair(alice, bob, region.carve("secret"));
            MemorySegment message = region.carve("message");
            int length = alice.seal(alice.buffer(alice.lockInput()), 0, 5, message, 0, 64, START);
            message.set(ValueLayout.JAVA_BYTE, length - 1L, (byte) ~message.get(ValueLayout.JAVA_BYTE, length - 1L));
            int clear = bob.lockOutput();
            MemorySegment output = bob.buffer(clear);
            for (int i = 0; i < 6; i++) {
                bob.open(message, 0, length, output, 0, 128, START);
            }
            Beside.differs("more than five, by a policy", "SecurityViolation", bob.security(START) + ", " + bob.expiry());
        }
    }

    private static void processWide() {
        Beside.example("workspace: one for the process");
        Session kept = new Session();
        try (SessionWorkspace workspace = SessionWorkspace.initialize(SessionConfig.medium())) {
            Beside.agrees("sessions, asked inside the guard", 1, SessionWorkspace.with(inside -> {
                inside.acquire(kept, START);
                return inside.sessionsInUse();
            }));
            Beside.differs("a reference used outside", "a data race", Beside.outcome(() -> workspace.security(START)));
            Beside.differs("a session kept outside", "a data race", Beside.outcome(kept::lockInput));
            SessionWorkspace.with(inside -> {
                kept.release();
                return null;
            });
        }
        Beside.differs("asked for after its end", "cannot end", Beside.outcome(() -> SessionWorkspace.with(inside -> inside)));
    }
}
