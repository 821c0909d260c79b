package dev.coffer.examples;

import dev.coffer.crypto.session.Session;
import dev.coffer.crypto.session.SessionConfig;
import dev.coffer.crypto.session.SessionWorkspace;
import dev.coffer.memory.Entropy;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/// Two parties that share a secret exchange a message: the number counts itself, keys rotate, replays are refused.
public final class OneSession {
    private OneSession() {}

    public static void main(String[] arguments) {
        try (SessionWorkspace workspace = SessionWorkspace.open(SessionConfig.small())) {
            Session alice = workspace.acquire(new Session(), System.nanoTime());
            Session bob = workspace.acquire(new Session(), System.nanoTime());
            int text = alice.lockInput();                                   // four buffers a session, planned at start
            int sealed = alice.lockOutput();
            int clear = bob.lockOutput();
            Entropy.SYSTEM.fill(alice.buffer(text), 0, 32);                        // in earnest: what a key agreement gave
            alice.loadKey(alice.buffer(text), 0, Session.Role.INITIATOR);
            bob.loadKey(alice.buffer(text), 0, Session.Role.RESPONDER);
            alice.activate(System.nanoTime());
            bob.activate(System.nanoTime());

            byte[] words = "meet me at noon".getBytes(StandardCharsets.UTF_8);
            MemorySegment.copy(MemorySegment.ofArray(words), 0, alice.buffer(text), 0, words.length);
            int length = alice.seal(text, words.length, sealed, System.nanoTime());

            MemorySegment message = alice.buffer(sealed);                   // what the network carries
            int room = bob.bufferBytes();
            int opened = bob.open(message, 0, length, bob.buffer(clear), 0, room, System.nanoTime());
            int again = bob.open(message, 0, length, bob.buffer(clear), 0, room, System.nanoTime());
            System.out.println("opened " + opened + " bytes; the same once more is refused with code " + again);
            System.out.println(workspace);
        }
    }
}
