package dev.coffer.evm;

import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;

/// What came of a run. One object a machine, overwritten by the next run.
public final class Outcome {
    Status status = Status.SUCCESS;
    long gasUsed;
    long gasLeft;
    long refund;
    MemorySegment data = MemorySegment.NULL;
    long outputAt;
    long outputLength;
    long memoryBytes;
    long memoryPeakBytes;
    int depthMax;
    long frames;
    final long[] created = new long[Word.LONGS];

    Outcome() {}

    public Status status() {
        return status;
    }

    /// {@return gas used, before refunds; all of it after a halt or limit}
    public long gasUsed() {
        return gasUsed;
    }

    public long gasLeft() {
        return gasLeft;
    }

    /// {@return the refund counter of the whole tree, neither capped nor subtracted; 0 unless it succeeded}
    public long refund() {
        return refund;
    }

    /// {@return where the output lies: [#outputLength] bytes from [#outputAt], until the next run}
    public MemorySegment data() {
        return data;
    }

    public long outputAt() {
        return outputAt;
    }

    public long outputLength() {
        return outputLength;
    }

    /// {@return the output as an array of its own; makes an object}
    public byte[] output() {
        byte[] bytes = new byte[Math.toIntExact(outputLength)];
        MemorySegment.copy(data, java.lang.foreign.ValueLayout.JAVA_BYTE, outputAt, bytes, 0, bytes.length);
        return bytes;
    }

    /// {@return active bytes of the outermost frame at its end: MSIZE}
    public long memoryBytes() {
        return memoryBytes;
    }

    /// {@return the most bytes that all frames together had: with a smaller `treeBytesMax` the run meets the limit}
    public long memoryPeakBytes() {
        return memoryPeakBytes;
    }

    /// {@return depth of the deepest frame that ran, 0 for the outermost}
    public int depthMax() {
        return depthMax;
    }

    /// {@return frames that ran code, the outermost included}
    public long frames() {
        return frames;
    }

    /// Writes the address of the created account, 0 where none was.
    public void created(long[] to, int r) {
        Word.copy(created, 0, to, r);
    }

    @Override
    public String toString() {
        return "Outcome[" + status + ", gas used " + gasUsed + ", refund " + refund + ", output " + outputLength
                + " bytes, memory " + memoryBytes + " bytes, peak " + memoryPeakBytes + "]";
    }
}
