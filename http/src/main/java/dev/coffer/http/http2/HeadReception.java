package dev.coffer.http.http2;

import dev.coffer.http.hpack.HpackDecoder;
import dev.coffer.http.internal.Trailers;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The field block that is under way: HEADERS and its CONTINUATIONs (RFC 9113, section 4.3). A connection has one at a time, and it is
/// decoded whatever becomes of its stream, for the table's sake.
///
/// **Limits.** Past the room of a head, or of its fields, the rest is decoded and not kept: a request is answered 431, an answer given up. Past four
/// times the room in octets of the block, sixteen times in what it decodes to, or thirty-two CONTINUATIONs, the connection ends with
/// ENHANCE_YOUR_CALM (section 10.5.1).
final class HeadReception {
    private static final int BLOCK_FACTOR = 4;
    private static final int DECODED_FACTOR = 16;
    private static final int CONTINUATIONS_MAX = 32;

    enum Kind { HEAD, TRAILERS, PASSED_BY }

    private final HpackDecoder decoder;
    private final MemorySegment nowhere;    // for blocks that nobody wants
    private final long headBytesMax;
    private @Nullable Stream stream;
    private int id;
    private Kind kind = Kind.PASSED_BY;
    private boolean open;
    private boolean ends;                   // END_STREAM
    private boolean malformed;              // trailers
    private boolean tooLong;
    private int continuations;
    private long blockBytes;
    private long decodedBytes;
    private long began;

    HeadReception(HpackDecoder decoder, MemorySegment memory, int headBytesMax) {
        this.decoder = decoder;
        this.nowhere = memory;
        this.headBytesMax = headBytesMax;
    }

    void reset() {
        stream = null;
        open = false;
    }

    boolean isOpen() {
        return open;
    }

    /// {@return whether a block of that stream is under way}
    boolean isOf(Stream one) {
        return open && stream == one;
    }

    int id() {
        return id;
    }

    boolean ends() {
        return ends;
    }

    Kind kind() {
        return kind;
    }

    @Nullable
    Stream stream() {
        return stream;
    }

    long began() {
        return began;
    }

    boolean isMalformed() {
        return malformed;
    }

    boolean isTooLong() {
        return tooLong;
    }

    /// Begins a block.
    ///
    /// @param newStream  null where it is passed by
    void begin(int newId, @Nullable Stream newStream, Kind newKind, boolean newEnds, long now) {
        id = newId;
        stream = newStream;
        kind = newStream == null ? Kind.PASSED_BY : newKind;
        open = true;
        ends = newEnds;
        malformed = false;
        tooLong = false;
        continuations = 0;
        blockBytes = 0;
        decodedBytes = 0;
        began = now;
        if (newStream == null) {
            decoder.begin(nowhere, 0, 0);
            decoder.skip();
        } else {
            int used = newStream.headDirty;
            newStream.headDirty = (int) headBytesMax;  // until the block has ended and says how much it was
            if (kind == Kind.TRAILERS) {
                newStream.trailers.clear(newStream.headAt, newStream.section().end());
            }
            decoder.begin(newStream.memory, newStream.headAt + used, (int) headBytesMax - used);
        }
    }

    /// The stream is given back before the block has ended.
    void forget(Stream released) {
        if (open && stream == released) {
            stream = null;
            kind = Kind.PASSED_BY;
            decoder.skip();
        }
    }

    boolean isContinuationTooMany() {
        return ++continuations > CONTINUATIONS_MAX;
    }

    /// Takes octets of the block.
    ErrorCode fragment(MemorySegment input, long at, int length) {
        blockBytes += length;
        if (blockBytes > BLOCK_FACTOR * headBytesMax) {
            return ErrorCode.ENHANCE_YOUR_CALM;
        }
        for (int from = 0; from < length; from += decoder.taken()) {
            int result = decoder.decode(input, at + from, length - from);
            if (result == HpackDecoder.FAULT) {
                return ErrorCode.COMPRESSION_ERROR;
            }
            if (result == HpackDecoder.FIELD) {
                decodedBytes += decoder.nameLength() + decoder.valueLength();
                if (decodedBytes > DECODED_FACTOR * headBytesMax) {
                    return ErrorCode.ENHANCE_YOUR_CALM;
                }
                field();
            }
        }
        return ErrorCode.NO_ERROR;
    }

    private void field() {
        Stream to = stream;
        if (to == null || decoder.isSkipping()) {
            tooLong = true;
            return;
        }
        long nameAt = decoder.nameAt();
        int nameLength = decoder.nameLength();
        long valueAt = decoder.valueAt();
        int valueLength = decoder.valueLength();
        if (kind == Kind.HEAD) {
            to.section().field(nameAt, nameLength, valueAt, valueLength);
        } else if (!malformed) {
            int result = Trailers.take(to.trailers, nameAt, nameLength, valueAt, valueLength);
            tooLong |= result == Trailers.TOO_LONG;
            malformed = result == Trailers.MALFORMED;
        }
    }

    /// The block has ended.
    ///
    /// @return COMPRESSION_ERROR where it was cut
    ErrorCode end() {
        open = false;
        if (!decoder.end()) {
            return ErrorCode.COMPRESSION_ERROR;
        }
        if (stream != null && !tooLong) {
            stream.headDirty = (int) (decoder.writtenTo() - stream.headAt);
        }
        return ErrorCode.NO_ERROR;
    }
}
