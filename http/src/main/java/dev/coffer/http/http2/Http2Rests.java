package dev.coffer.http.http2;

import dev.coffer.http.internal.RestBlocks;
import dev.coffer.memory.Account;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.layout.HeapLayout;
import java.lang.foreign.MemorySegment;

/// What is kept of a loop's HTTP/2 connections while they are at rest, so that each can do without an engine: the numbers of both sides and what
/// is in HPACK's tables, in blocks of 128 bytes, as many as that takes. A browser's connection takes eight after its first request; one whose
/// tables are full takes 55 at most with the default configuration.
///
/// **When full** a connection keeps its engine. One thread at a time; the account may be read from any. 0 heap bytes after construction.
public final class Http2Rests {
    /// Blocks that are planned for a connection: 2 KiB.
    private static final int BLOCKS_EACH = 16;
    private static final String NAME = "http2 at rest";

    private final RestBlocks blocks;

    /// @param connections  0 or more
    /// @param memory       the caller's; must outlive this
    /// @param at           offset of [#plan] bytes, all zero
    public Http2Rests(int connections, MemorySegment memory, long at) {
        MemoryPlan plan = plan(connections);
        if (at < 0 || plan.totalBytes() > memory.byteSize() - at) {
            throw new IllegalArgumentException("rests: " + plan.totalBytes() + " bytes at " + at + " of " + memory.byteSize());
        }
        this.blocks = new RestBlocks(NAME, connections * BLOCKS_EACH, memory, at);
    }

    /// {@return what is held for so many connections, of 2 KiB each: more of them where they take less}
    public static MemoryPlan plan(int connections) {
        int blocks = connections * BLOCKS_EACH;
        return MemoryPlan.block(NAME, RestBlocks.BLOCK_BYTES, blocks, "numbers and tables, " + BLOCKS_EACH + " blocks a connection as a rule")
                .withHeap(HeapLayout.instance(Http2Rests.class) + RestBlocks.heapBytes(blocks));
    }

    /// {@return the most connections that can be at rest at a time, where 2 KiB are planned for so many}
    public static int connectionsMax(int connections) {
        return connections * BLOCKS_EACH;
    }

    /// {@return the plan's row: blocks}
    public Account account() {
        return blocks.account();
    }

    /// {@return whether a connection can rest, and there is room for what is kept of it}
    public boolean takes(Http2Server server) {
        return server.canRest() && blocks.hasRoom(server.restBytes());
    }

    /// Keeps what a connection will need, whose engine may then be closed.
    ///
    /// @return by which [#resume] and [#forget] know it
    /// @throws IllegalStateException  not [#takes] (caller's fault)
    public int keep(Http2Server server) {
        if (!takes(server)) {
            throw new IllegalStateException("http2: a connection with something under way, or no room for its tables (expected takes())");
        }
        int rest = blocks.begin();
        boolean kept = false;
        try {
            server.keep(blocks);
            kept = true;
        } finally {
            if (!kept) {
                blocks.release(rest);
            }
        }
        return rest;
    }

    /// Has an engine go on with a connection, and forgets it.
    ///
    /// @param server  which was reset, and nothing since
    public void resume(int rest, Http2Server server) {
        blocks.open(rest);
        try {
            server.resume(blocks);
        } finally {
            blocks.release(rest);
        }
    }

    /// Wipes what is kept of a connection that has ended.
    public void forget(int rest) {
        blocks.release(rest);
    }

    @Override
    public String toString() {
        return "Http2Rests[" + blocks + "]";
    }
}
