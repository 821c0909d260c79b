package dev.coffer.testkit;

import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/// A file that is only written, one buffer at a time; whatever else is asked of it is a failure.
public abstract class WriteOnlyChannel extends FileChannel {
    /// Open.
    protected WriteOnlyChannel() {}

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
        throw new AssertionError();
    }

    @Override
    public int write(ByteBuffer source, long position) {
        throw new AssertionError();
    }

    @Override
    public int read(ByteBuffer target) {
        throw new AssertionError();
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) {
        throw new AssertionError();
    }

    @Override
    public int read(ByteBuffer target, long position) {
        throw new AssertionError();
    }

    @Override
    public long position() {
        throw new AssertionError();
    }

    @Override
    public FileChannel position(long position) {
        throw new AssertionError();
    }

    @Override
    public long size() {
        throw new AssertionError();
    }

    @Override
    public FileChannel truncate(long size) {
        throw new AssertionError();
    }

    @Override
    public void force(boolean metaData) {
        throw new AssertionError();
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target) {
        throw new AssertionError();
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count) {
        throw new AssertionError();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) {
        throw new AssertionError();
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) {
        throw new AssertionError();
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) {
        throw new AssertionError();
    }

    @Override
    protected void implCloseChannel() {}
}
