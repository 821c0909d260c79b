package dev.coffer.quic;

import dev.coffer.crypto.packet.CipherSuite;
import dev.coffer.memory.Wipe;
import dev.coffer.memory.layout.Align;
import dev.coffer.quic.packet.OpeningKeys;
import dev.coffer.quic.packet.SealingKeys;
import dev.coffer.quic.packet.Version;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/// The keys of all connections of a loop while they are used: a finger for each version and suite, and places in which keys lie expanded, for what is sealed, and for what is opened with
/// room for the keys of the phase before. A loop of 64 connections or more has 16 places each way, another one has one: who speaks again finds his keys as he left them. Whoever had a place is
/// put to rest before another gets it, the one that got it first; so a connection that says nothing while others do keeps its resting keys alone, and late ones last no longer than that.
/// One thread at a time; 0 heap bytes after construction.
final class PacketKeys implements AutoCloseable {
    private static final int SUITES = 3;
    private static final int FIRST_CODE = 0x1301;
    private static final int PLACES_MAX = 16;
    private static final int MANY_CONNECTIONS = 64;
    private static final int NOBODY = -1;

    private final CipherSuite[] suites = {CipherSuite.AES_128_GCM_SHA256, CipherSuite.AES_256_GCM_SHA384, CipherSuite.CHACHA20_POLY1305_SHA256};
    private final SealingKeys[] sealing = new SealingKeys[SUITES * Version.values().length];
    private final OpeningKeys[] opening = new OpeningKeys[sealing.length];
    private final MemorySegment memory;
    private final Places sealingPlaces;
    private final Places openingPlaces;

    /// Who has which place of one way.
    private static final class Places {
        final long at;
        final long bytes;             // of one
        final int[] finger;           // by place: whose state that is, NOBODY where it is free
        final long[] state;           // by place: where that state lies
        final int[] points;           // by finger: the place that it points to, NOBODY where that has become another's
        int last;                     // that was asked for
        int next;                     // that is taken away when another is needed

        Places(int count, int fingers, long at, long bytes) {
            this.at = at;
            this.bytes = bytes;
            this.finger = new int[count];
            this.state = new long[count];
            this.points = new int[fingers];
            Arrays.fill(finger, NOBODY);
            Arrays.fill(points, NOBODY);
        }

        boolean isOf(int place, int index, long stateAt) {
            return finger[place] == index && state[place] == stateAt;
        }

        /// {@return the place of a state, NOBODY where it has none}
        int find(int index, long stateAt) {
            if (isOf(last, index, stateAt)) {
                return last;
            }
            for (int place = 0; place < finger.length; place++) {
                if (isOf(place, index, stateAt)) {
                    return place;
                }
            }
            return NOBODY;
        }

        /// {@return a place that is free, or is to be freed}
        int choose() {
            for (int place = 0; place < finger.length; place++) {
                if (finger[place] == NOBODY) {
                    return place;
                }
            }
            int place = next;
            next = place + 1 == finger.length ? 0 : place + 1;
            return place;
        }

        void give(int place, int index, long stateAt) {
            finger[place] = index;
            state[place] = stateAt;
        }

        void free(int place) {
            if (finger[place] != NOBODY && points[finger[place]] == place) {
                points[finger[place]] = NOBODY;
            }
            finger[place] = NOBODY;
        }

        long placeAt(int place) {
            return at + place * bytes;
        }

        long end() {
            return placeAt(finger.length);
        }
    }

    /// @param of           suites in the form that is to be used, of which a connection's is one
    /// @param connections  of the loop
    /// @param memory       off the heap, for [#bytes] from `at`, zero
    PacketKeys(List<CipherSuite> of, int connections, MemorySegment memory, long at) {
        of.forEach(suite -> suites[suite.code() - FIRST_CODE] = suite);
        this.memory = memory;
        int places = places(connections);
        this.sealingPlaces = new Places(places, sealing.length, at + workspaceBytes(suites), placeBytes(suites));
        this.openingPlaces = new Places(places, sealing.length, sealingPlaces.end(), placeBytes(suites) + lateBytes(suites));
        for (Version version : Version.values()) {
            for (int suite = 0; suite < SUITES; suite++) {
                int index = version.ordinal() * SUITES + suite;
                sealing[index] = new SealingKeys(version, suites[suite], memory, at);
                opening[index] = new OpeningKeys(version, suites[suite], memory, at);
            }
        }
    }

    private static int places(int connections) {
        return connections < MANY_CONNECTIONS ? 1 : PLACES_MAX;
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
    static long bytes(List<CipherSuite> of, int connections) {
        CipherSuite[] all = {CipherSuite.AES_128_GCM_SHA256, CipherSuite.AES_256_GCM_SHA384, CipherSuite.CHACHA20_POLY1305_SHA256};
        of.forEach(suite -> all[suite.code() - FIRST_CODE] = suite);
        return workspaceBytes(all) + places(connections) * (2 * placeBytes(all) + lateBytes(all));
    }

    private static int index(Version version, CipherSuite suite) {
        return version.ordinal() * SUITES + suite.code() - FIRST_CODE;
    }

    /// {@return the finger on a state of sealing keys, in a place that is free for it}
    SealingKeys sealing(Version version, CipherSuite suite, long at) {
        int index = index(version, suite);
        Places places = sealingPlaces;
        int place = places.find(index, at);
        if (place == NOBODY) {
            place = places.choose();
            int before = places.finger[place];
            if (before != NOBODY) {
                seals(before, place).rest();
                places.free(place);
            }
            places.give(place, index, at);
        }
        places.last = place;
        return seals(index, place);
    }

    /// {@return a finger, on the state that has a place}
    private SealingKeys seals(int index, int place) {
        SealingKeys keys = sealing[index];
        if (sealingPlaces.points[index] != place) {
            sealingPlaces.points[index] = NOBODY;
            keys.at(memory, sealingPlaces.state[place], memory, sealingPlaces.placeAt(place));
            sealingPlaces.points[index] = place;
        }
        return keys;
    }

    /// {@return the finger on a state of opening keys, in a place that is free for it}
    OpeningKeys opening(Version version, CipherSuite suite, long at) {
        int index = index(version, suite);
        Places places = openingPlaces;
        int place = places.find(index, at);
        if (place == NOBODY) {
            place = places.choose();
            int before = places.finger[place];
            if (before != NOBODY) {
                opens(before, place).rest();
                places.free(place);
            }
            places.give(place, index, at);
        }
        places.last = place;
        return opens(index, place);
    }

    private OpeningKeys opens(int index, int place) {
        OpeningKeys keys = opening[index];
        if (openingPlaces.points[index] != place) {
            openingPlaces.points[index] = NOBODY;
            long keyAt = openingPlaces.placeAt(place);
            keys.at(memory, openingPlaces.state[place], memory, keyAt, memory, keyAt + sealingPlaces.bytes);
            openingPlaces.points[index] = place;
        }
        return keys;
    }

    /// Wipes the keys of a level, both ways.
    void wipe(Version version, CipherSuite suite, long sealingAt, long openingAt) {
        try {
            sealing(version, suite, sealingAt).wipe();
        } finally {
            try {
                leave(sealingPlaces, sealingAt);
            } finally {
                try {
                    opening(version, suite, openingAt).wipe();
                } finally {
                    leave(openingPlaces, openingAt);
                }
            }
        }
    }

    /// Nobody has that place any more. It is zero, and where keys that lie expanded could not be asked to go it is wiped, as nobody else could use them.
    private void leave(Places places, long stateAt) {
        for (int place = 0; place < places.finger.length; place++) {
            if (places.finger[place] != NOBODY && places.state[place] == stateAt) {
                Wipe.bytes(memory, places.placeAt(place), places.bytes);
                places.free(place);
            }
        }
    }

    /// Wipes all keys that lie expanded.
    @Override
    public void close() {
        for (int place = 0; place < sealingPlaces.finger.length; place++) {
            if (sealingPlaces.finger[place] != NOBODY) {
                seals(sealingPlaces.finger[place], place).wipe();
                sealingPlaces.free(place);
            }
            if (openingPlaces.finger[place] != NOBODY) {
                opens(openingPlaces.finger[place], place).wipe();
                openingPlaces.free(place);
            }
        }
        for (int i = 0; i < sealing.length; i++) {
            sealing[i].close();
            opening[i].close();
        }
    }
}
