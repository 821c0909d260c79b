package dev.coffer.quic;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import dev.coffer.quic.packet.OpeningKeys;
import dev.coffer.quic.packet.SealingKeys;
import dev.coffer.quic.packet.Version;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// The keys of all connections of a loop while they are used: a finger for each version and suite, and three places in which keys lie expanded, for what is
/// sealed, for what is opened, and for what is opened of the phase before. Whoever used a place last is put to rest before another does, so a connection
/// that says nothing keeps its resting keys alone, and late ones last no longer than its turn. One thread at a time; 0 heap bytes after construction.
final class PacketKeys implements AutoCloseable {
    private static final int SUITES = 3;
    private static final int FIRST_CODE = 0x1301;

    private final CipherSuite[] suites = {CipherSuite.AES_128_GCM_SHA256, CipherSuite.AES_256_GCM_SHA384, CipherSuite.CHACHA20_POLY1305_SHA256};
    private final SealingKeys[] sealing = new SealingKeys[SUITES * Version.values().length];
    private final OpeningKeys[] opening = new OpeningKeys[sealing.length];
    private final MemorySegment memory;
    private final long sealingPlace;
    private final long openingPlace;
    private final long latePlace;
    private final long end;
    private int sealingLast = -1;
    private long sealingLastAt;
    private int openingLast = -1;
    private long openingLastAt;

    /// @param of      suites in the form that is to be used, of which a connection's is one
    /// @param memory  off the heap, for [#bytes] from `at`, zero
    PacketKeys(List<CipherSuite> of, MemorySegment memory, long at) {
        of.forEach(suite -> suites[suite.code() - FIRST_CODE] = suite);
        this.memory = memory;
        this.sealingPlace = at + workspaceBytes(suites);
        this.openingPlace = sealingPlace + placeBytes(suites);
        this.latePlace = openingPlace + placeBytes(suites);
        this.end = latePlace + lateBytes(suites);
        for (Version version : Version.values()) {
            for (int suite = 0; suite < SUITES; suite++) {
                int index = version.ordinal() * SUITES + suite;
                sealing[index] = new SealingKeys(version, suites[suite], memory, at);
                opening[index] = new OpeningKeys(version, suites[suite], memory, at);
            }
        }
    }

    private static long workspaceBytes(CipherSuite... of) {
        long most = 0;
        for (CipherSuite suite : of) {
            most = Math.max(most, OpeningKeys.workspaceBytes(suite));
        }
        return Align.up(most, Align.CACHE_LINE_BYTES);
    }

    private static long placeBytes(CipherSuite... of) {
        long most = 0;
        for (CipherSuite suite : of) {
            most = Math.max(most, OpeningKeys.keyBytes(suite));
        }
        return Align.up(most, Align.CACHE_LINE_BYTES);
    }

    private static long lateBytes(CipherSuite... of) {
        long most = 0;
        for (CipherSuite suite : of) {
            most = Math.max(most, OpeningKeys.lateBytes(suite));
        }
        return Align.up(most, Align.CACHE_LINE_BYTES);
    }

    /// {@return bytes of workspace and places}
    static long bytes(List<CipherSuite> of) {
        CipherSuite[] all = {CipherSuite.AES_128_GCM_SHA256, CipherSuite.AES_256_GCM_SHA384, CipherSuite.CHACHA20_POLY1305_SHA256};
        of.forEach(suite -> all[suite.code() - FIRST_CODE] = suite);
        return workspaceBytes(all) + 2 * placeBytes(all) + lateBytes(all);
    }

    private static int index(Version version, CipherSuite suite) {
        return version.ordinal() * SUITES + suite.code() - FIRST_CODE;
    }

    /// {@return the finger on a state of sealing keys, in a place that is free for it}
    SealingKeys sealing(Version version, CipherSuite suite, long at) {
        int index = index(version, suite);
        if (sealingLast >= 0 && (sealingLast != index || sealingLastAt != at)) {
            sealing[sealingLast].rest();
        }
        if (sealingLast != index || sealingLastAt != at) {
            sealing[index].at(memory, at, memory, sealingPlace);
        }
        sealingLast = index;
        sealingLastAt = at;
        return sealing[index];
    }

    /// {@return the finger on a state of opening keys, in a place that is free for it}
    OpeningKeys opening(Version version, CipherSuite suite, long at) {
        int index = index(version, suite);
        if (openingLast >= 0 && (openingLast != index || openingLastAt != at)) {
            opening[openingLast].rest();
        }
        if (openingLast != index || openingLastAt != at) {
            opening[index].at(memory, at, memory, openingPlace, memory, latePlace);
        }
        openingLast = index;
        openingLastAt = at;
        return opening[index];
    }

    /// Wipes the keys of a level, both ways.
    void wipe(Version version, CipherSuite suite, long sealingAt, long openingAt) {
        boolean wiped = false;
        try {
            try {
                sealing(version, suite, sealingAt).wipe();
            } finally {
                opening(version, suite, openingAt).wipe();
            }
            sealingLast = -1;
            openingLast = -1;
            wiped = true;
        } finally {
            if (!wiped) {
                leave(sealingAt, openingAt);
            }
        }
    }

    /// Keys that lie expanded cannot be asked to go: their places are wiped, as nobody else could use them any more.
    private void leave(long sealingAt, long openingAt) {
        if (sealingLast >= 0 && sealingLastAt == sealingAt) {
            Wipe.bytes(memory, sealingPlace, openingPlace - sealingPlace);
            sealingLast = -1;
        }
        if (openingLast >= 0 && openingLastAt == openingAt) {
            Wipe.bytes(memory, openingPlace, end - openingPlace);
            openingLast = -1;
        }
    }

    @Override
    public void close() {
        for (int i = 0; i < sealing.length; i++) {
            sealing[i].close();
            opening[i].close();
        }
    }
}
