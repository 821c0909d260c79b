package dev.coffer.crypto.session;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Two workspaces with one session each, on one secret.
final class SessionPair implements AutoCloseable {
    final Arena arena = Arena.ofConfined();
    final SessionWorkspace left;
    final SessionWorkspace right;
    final Session alice = new Session();
    final Session bob = new Session();
    final MemorySegment text;
    final MemorySegment wire;
    final MemorySegment out;
    private byte secret = 0x42;

    SessionPair(SessionConfig config) {
        this(config, config);
    }

    SessionPair(SessionConfig sender, SessionConfig receiver) {
        left = SessionWorkspace.open(sender);
        right = SessionWorkspace.open(receiver);
        text = arena.allocate(sender.bufferBytes());
        wire = arena.allocate(sender.bufferBytes());
        out = arena.allocate(sender.bufferBytes());
        begin(0);
    }

    /// Both sides begin a session on a new secret.
    void begin(long now) {
        MemorySegment shared = arena.allocate(32).fill(secret++);
        left.acquire(alice, now).loadKey(shared, 0, Session.Role.INITIATOR);
        right.acquire(bob, now).loadKey(shared, 0, Session.Role.RESPONDER);
        alice.activate(now);
        bob.activate(now);
    }

    /// {@return bytes of a message with `length` bytes of `value`, in `wire`}
    int seal(int value, int length, long now) {
        text.fill((byte) value);
        return alice.seal(text, 0, length, wire, 0, (int) wire.byteSize(), now);
    }

    byte[] sealed(int value, int length, long now) {
        return wire.asSlice(0, seal(value, length, now)).toArray(ValueLayout.JAVA_BYTE);
    }

    int open(int length, long now) {
        out.fill((byte) 0x77);
        return bob.open(wire, 0, length, out, 0, (int) out.byteSize(), now);
    }

    int open(byte[] message, long now) {
        MemorySegment.copy(message, 0, wire, ValueLayout.JAVA_BYTE, 0, message.length);
        return open(message.length, now);
    }

    SessionRefusal refusal(byte[] message, long now) {
        return SessionRefusal.of(open(message, now));
    }

    void check() {
        left.checkInvariants();
        right.checkInvariants();
    }

    @Override
    public void close() {
        left.close();
        right.close();
        arena.close();
    }
}
