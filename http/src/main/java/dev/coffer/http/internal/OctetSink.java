package dev.coffer.http.internal;

import java.lang.foreign.MemorySegment;

/// Where the octets of a string go that is decoded as it comes.
interface OctetSink {
    void put(byte octet);

    void put(MemorySegment input, long from, int octets);
}
