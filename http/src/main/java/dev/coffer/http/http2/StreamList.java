package dev.coffer.http.http2;

import org.jspecify.annotations.Nullable;

/// The streams of one connection that are lent a place, in the order of their numbers, and those of them that may have something to
/// tell, first come first served; and those that linger, in the order in which they ended.
final class StreamList {
    @Nullable
    Stream first;
    private @Nullable Stream last;
    private int count;
    private @Nullable Stream firstReady;
    private @Nullable Stream lastReady;
    private @Nullable Stream firstLingering;
    private @Nullable Stream lastLingering;

    void clear() {
        first = null;
        last = null;
        count = 0;
        firstReady = null;
        lastReady = null;
        firstLingering = null;
        lastLingering = null;
    }

    int count() {
        return count;
    }

    /// {@return those that are not over on the wire: what a peer counts (RFC 9113, section 5.1.2)}
    int countOnWire() {
        int open = 0;
        for (Stream stream = first; stream != null; stream = stream.next) {
            open += stream.isDoomed ? 0 : 1;
        }
        return open;
    }

    boolean isEmpty() {
        return first == null;
    }

    void add(Stream stream) {
        if (last == null) {
            first = stream;
        } else {
            last.next = stream;
        }
        last = stream;
        count++;
        stream.isReady = false;
        stream.nextReady = null;
    }

    void remove(Stream stream) {
        Stream before = null;
        for (Stream one = first; one != null && one != stream; one = one.next) {
            before = one;
        }
        if (before == null) {
            first = stream.next;
        } else {
            before.next = stream.next;
        }
        if (last == stream) {
            last = before;
        }
        count--;
        unready(stream);
        unlinger(stream);
    }

    /// It is over but for the client's side, from here on.
    ///
    /// @param until  when it need not be waited for any more
    void linger(Stream stream, long until) {
        stream.lingersUntil = until;
        stream.lingersBehind = lastLingering;
        stream.lingersBefore = null;
        if (lastLingering == null) {
            firstLingering = stream;
        } else {
            lastLingering.lingersBefore = stream;
        }
        lastLingering = stream;
    }

    /// {@return the one that has lingered longest; null where none does}
    @Nullable
    Stream firstLingering() {
        return firstLingering;
    }

    private void unlinger(Stream stream) {
        if (!stream.lingers()) {
            return;
        }
        Stream behind = stream.lingersBehind;
        Stream before = stream.lingersBefore;
        if (behind == null) {
            firstLingering = before;
        } else {
            behind.lingersBefore = before;
        }
        if (before == null) {
            lastLingering = behind;
        } else {
            before.lingersBehind = behind;
        }
        stream.lingersUntil = Stream.NEVER;
        stream.lingersBehind = null;
        stream.lingersBefore = null;
    }

    @Nullable
    Stream find(int id) {
        Stream one = first;
        while (one != null && one.id != id) {
            one = one.next;
        }
        return one;
    }

    @Nullable
    Stream find(long number) {
        Stream one = first;
        while (one != null && one.number != number) {
            one = one.next;
        }
        return one;
    }

    /// It may have something to tell.
    void ready(Stream stream) {
        if (!stream.isReady) {
            stream.isReady = true;
            stream.nextReady = null;
            if (lastReady == null) {
                firstReady = stream;
            } else {
                lastReady.nextReady = stream;
            }
            lastReady = stream;
        }
    }

    @Nullable
    Stream firstReady() {
        return firstReady;
    }

    void unready(Stream stream) {
        if (!stream.isReady) {
            return;
        }
        stream.isReady = false;
        Stream before = null;
        for (Stream one = firstReady; one != null && one != stream; one = one.nextReady) {
            before = one;
        }
        if (before == null) {
            firstReady = stream.nextReady;
        } else {
            before.nextReady = stream.nextReady;
        }
        if (lastReady == stream) {
            lastReady = before;
        }
        stream.nextReady = null;
    }
}
