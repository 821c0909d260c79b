package dev.coffer.examples;

import dev.coffer.crypto.Entropy;
import dev.coffer.crypto.session.Session;
import dev.coffer.crypto.session.SessionConfig;
import dev.coffer.crypto.session.SessionWorkspace;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/// Two parties that share a secret exchange a message: the number counts itself, keys rotate, replays are refused.
public final class OneSession {
    private OneSession() {}

    public static void main(String[] arguments) {
        try (SessionWorkspace workspace = SessionWorkspace.open(SessionConfig.small())) {
            Session alice = workspace.acquire();
            Session bob = workspace.acquire();
            MemorySegment memory = alice.buffers();                         // four buffers a session, planned at start
            long secret = alice.bufferAt(0);
            Entropy.fill(memory, secret, 32);                               // in earnest: what a key agreement gave
            alice.loadKey(memory, secret, Session.Role.INITIATOR);
            bob.loadKey(memory, secret, Session.Role.RESPONDER);
            alice.activate(System.nanoTime());
            bob.activate(System.nanoTime());

            byte[] text = "meet me at noon".getBytes(StandardCharsets.UTF_8);
            MemorySegment.copy(MemorySegment.ofArray(text), 0, memory, secret, text.length);
            long sealed = alice.bufferAt(2);
            int length = alice.seal(memory, secret, text.length, memory, sealed, alice.bufferBytes(), System.nanoTime());

            int opened = bob.open(memory, sealed, length, bob.buffers(), bob.bufferAt(2), bob.bufferBytes(), System.nanoTime());
            int again = bob.open(memory, sealed, length, bob.buffers(), bob.bufferAt(2), bob.bufferBytes(), System.nanoTime());
            System.out.println("opened " + opened + " bytes; the same once more is refused with code " + again);
            System.out.println(workspace);
        }
    }
}
