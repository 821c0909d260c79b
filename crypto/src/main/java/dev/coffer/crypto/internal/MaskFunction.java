package dev.coffer.crypto.internal;

import java.lang.foreign.MemorySegment;

/// What makes five bytes of mask from a sample of ciphertext: below [dev.coffer.crypto.packet.HeaderProtection] as [AeadFunction] is
/// below the AEADs. Stateless, thread-safe; every range was checked by the caller, which also wipes the workspace.
public abstract class MaskFunction {
    /// Bytes of a sample (RFC 9001, sections 5.4.3 and 5.4.4).
    public static final int SAMPLE_BYTES = 16;
    /// Bytes of room for a mask, of which five are used (section 5.4.1).
    public static final int MASK_BYTES = 16;

    private final String name;
    private final int keyBytes;
    private final long scheduleBytes;
    private final long workspaceBytes;

    /// For the implementations.
    ///
    /// @param name            the cipher's name
    /// @param keyBytes        bytes of a key
    /// @param scheduleBytes   bytes of an expanded key
    /// @param workspaceBytes  bytes of a workspace
    protected MaskFunction(String name, int keyBytes, long scheduleBytes, long workspaceBytes) {
        this.name = name;
        this.keyBytes = keyBytes;
        this.scheduleBytes = scheduleBytes;
        this.workspaceBytes = workspaceBytes;
    }

    /// {@return the cipher's name}
    public final String name() {
        return name;
    }

    /// {@return bytes of a key}
    public final int keyBytes() {
        return keyBytes;
    }

    /// {@return bytes of an expanded key}
    public final long scheduleBytes() {
        return scheduleBytes;
    }

    /// {@return bytes of a workspace}
    public final long workspaceBytes() {
        return workspaceBytes;
    }

    /// Writes the schedule.
    public abstract void expand(MemorySegment key, long keyAt, MemorySegment schedule, long scheduleAt, MemorySegment workspace,
            long workspaceAt);

    /// Writes the mask of a sample to [#MASK_BYTES] of room.
    public abstract void mask(MemorySegment schedule, long scheduleAt, MemorySegment sample, long sampleAt, MemorySegment mask,
            long maskAt, MemorySegment workspace, long workspaceAt);

    /// Gives back what a schedule stands for outside of its bytes, which the caller wipes: nothing here.
    public void release(MemorySegment schedule, long scheduleAt) {}
}
