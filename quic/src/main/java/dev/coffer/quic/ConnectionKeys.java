package dev.coffer.quic;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.pool.SlotPool;
import dev.coffer.quic.packet.InitialSecrets;
import dev.coffer.quic.packet.OpeningKeys;
import dev.coffer.quic.packet.SealingKeys;
import dev.coffer.quic.packet.Version;
import java.lang.foreign.MemorySegment;

/// The levels of encryption of a connection and their keys, which lie in its core and, those of the handshake, in the place that it is lent for that.
abstract sealed class ConnectionKeys permits Connection {
    final QuicLoop loop;
    final MemorySegment memory;
    final long core;
    final boolean client;
    Version version = Version.V1;
    long handshakeAt = -1;
    int alive;             // spaces, one bit each
    private CipherSuite suite = CipherSuite.AES_128_GCM_SHA256;
    private long handshakeSlot = SlotPool.NONE;
    private int seals;     // levels with keys to seal
    private int opens;     // levels with keys to open

    ConnectionKeys(QuicLoop loop, int number, boolean client) {
        this.loop = loop;
        this.memory = loop.memory;
        this.core = loop.coreAt(number);
        this.client = client;
    }

    final CipherSuite suite() {
        return suite;
    }

    /// Says the suite of what follows the Initial packets.
    final void agree(CipherSuite of) {
        suite = of;
    }

    /// {@return whether there is a place for a handshake; it is lent then}
    final boolean lendHandshake(int number) {
        handshakeSlot = loop.handshakes.tryLend(0, number);
        if (handshakeSlot == SlotPool.NONE) {
            return false;
        }
        handshakeAt = loop.handshakeAt(handshakeSlot);
        return true;
    }

    /// Makes the keys of Initial packets, of the ID that the client's packets are sent to.
    final void initialKeys(MemorySegment id, long idAt, int idLength) {
        for (int way = 0; way < 2; way++) {
            boolean ours = way == 0;
            try {
                InitialSecrets.write(version, ours == client, id, idAt, idLength, memory, loop.initialWorkAt, memory, loop.secretAt);
                load(PacketSpace.INITIAL, ours, memory, loop.secretAt);
            } finally {
                Wipe.bytes(memory, loop.secretAt, InitialSecrets.BYTES);
            }
        }
    }

    final void load(int space, boolean ours, MemorySegment secret, long at) {
        if (ours) {
            sealing(space).load(secret, at);
            seals |= 1 << space;
        } else {
            opening(space).load(secret, at);
            opens |= 1 << space;
        }
    }

    private CipherSuite suite(int space) {
        return space == PacketSpace.INITIAL ? CipherSuite.AES_128_GCM_SHA256 : suite;
    }

    final SealingKeys sealing(int space) {
        return loop.keys.sealing(version, suite(space), ConnectionLayout.sealing(core, handshakeAt, space));
    }

    final OpeningKeys opening(int space) {
        return loop.keys.opening(version, suite(space), ConnectionLayout.opening(core, handshakeAt, space));
    }

    final boolean seals(int space) {
        return (seals & 1 << space) != 0;
    }

    final boolean opens(int space) {
        return (opens & 1 << space) != 0;
    }

    final void wipeKeys(int space) {
        if (seals(space) || opens(space)) {
            loop.keys.wipe(version, suite(space), ConnectionLayout.sealing(core, handshakeAt, space), ConnectionLayout.opening(core, handshakeAt, space));
        }
        seals &= ~(1 << space);
        opens &= ~(1 << space);
    }

    final void releaseHandshake() {
        if (handshakeSlot != SlotPool.NONE) {
            loop.handshakes.release(handshakeSlot);
            handshakeSlot = SlotPool.NONE;
            handshakeAt = -1;
        }
    }

    /// {@return which spaces live, which have keys to seal, which to open}
    final String levels() {
        return alive + "/" + seals + "/" + opens;
    }
}
