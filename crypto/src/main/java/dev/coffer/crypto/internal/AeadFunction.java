package dev.coffer.crypto.internal;

import java.lang.foreign.MemorySegment;

/// What seals and opens: below [dev.coffer.crypto.Aead] as [HashFunction] is below the hashes. Thread-safe and stateless
/// unless the implementation says otherwise; every range was checked by the caller, which also wipes the workspace.
public abstract class AeadFunction {
    /// Bytes of the tag: always the full 128 bits.
    public static final int TAG_BYTES = 16;

    /// What decides how often a key may be used.
    public enum Family {
        AES_GCM, CHACHA20_POLY1305
    }

    private final Family family;
    private final String name;
    private final int keyBytes;
    private final int nonceBytes;
    private final long scheduleBytes;
    private final long workspaceBytes;
    private final long lengthMax;

    /// For the implementations.
    ///
    /// @param family          what its limits follow from
    /// @param name            the standard's name
    /// @param keyBytes        bytes of a key
    /// @param nonceBytes      bytes of a nonce
    /// @param scheduleBytes   bytes of an expanded key
    /// @param workspaceBytes  bytes of a workspace
    /// @param lengthMax       bytes of the longest text
    protected AeadFunction(Family family, String name, int keyBytes, int nonceBytes, long scheduleBytes, long workspaceBytes,
            long lengthMax) {
        this.family = family;
        this.name = name;
        this.keyBytes = keyBytes;
        this.nonceBytes = nonceBytes;
        this.scheduleBytes = scheduleBytes;
        this.workspaceBytes = workspaceBytes;
        this.lengthMax = lengthMax;
    }

    /// {@return what its limits follow from}
    public final Family family() {
        return family;
    }

    /// {@return the standard's name}
    public final String name() {
        return name;
    }

    /// {@return bytes of a key}
    public final int keyBytes() {
        return keyBytes;
    }

    /// {@return bytes of a nonce}
    public final int nonceBytes() {
        return nonceBytes;
    }

    /// {@return bytes of an expanded key}
    public final long scheduleBytes() {
        return scheduleBytes;
    }

    /// {@return bytes of a workspace}
    public final long workspaceBytes() {
        return workspaceBytes;
    }

    /// {@return bytes of the longest text}
    public final long lengthMax() {
        return lengthMax;
    }

    /// Writes the schedule.
    public abstract void expand(MemorySegment key, long keyAt, MemorySegment schedule, long scheduleAt, MemorySegment workspace,
            long workspaceAt);

    /// Gives back what a schedule stands for outside of its bytes, which the caller wipes: nothing here. One that was never
    /// written is all zero.
    public void release(MemorySegment schedule, long scheduleAt) {}

    /// Seals: ciphertext, then tag.
    public abstract void seal(MemorySegment schedule, long scheduleAt, MemorySegment workspace, long workspaceAt,
            MemorySegment nonce, long nonceAt, MemorySegment aad, long aadAt, long aadLength, MemorySegment text,
            long textAt, long length, MemorySegment output, long outputAt);

    /// Opens; `length` is without the tag.
    ///
    /// @return whether it is authentic; nothing is written to the output where it is not
    public abstract boolean open(MemorySegment schedule, long scheduleAt, MemorySegment workspace, long workspaceAt,
            MemorySegment nonce, long nonceAt, MemorySegment aad, long aadAt, long aadLength, MemorySegment sealed,
            long sealedAt, long length, MemorySegment output, long outputAt);
}
