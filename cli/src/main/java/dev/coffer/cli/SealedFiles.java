package dev.coffer.cli;

import dev.coffer.crypto.argon2.Argon2Cost;
import dev.coffer.crypto.key.KeyPair;
import dev.coffer.crypto.stream.PassphraseLimit;
import dev.coffer.crypto.stream.SealedStream;
import dev.coffer.crypto.stream.SealedSuite;
import dev.coffer.crypto.stream.SealedVerdict;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.layout.Align;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// Carries a stream between files and [SealedStream] in one locked region: two chunks, so that the one in hand is known to
/// be the last when the next read finds nothing. What Argon2id takes is a region of its own, as long as it is needed.
final class SealedFiles implements AutoCloseable {
    private static final long CHUNK_ROW = Align.up(SealedStream.CHUNK_BYTES, Align.CACHE_LINE_BYTES);
    private static final MemoryPlan PLAN = MemoryPlan.group("sealed files",
            MemoryPlan.block("key", Align.CACHE_LINE_BYTES),
            MemoryPlan.block("work", 2 * Align.CACHE_LINE_BYTES),
            SealedStream.plan(),
            MemoryPlan.block("chunk a", CHUNK_ROW), MemoryPlan.block("chunk b", CHUNK_ROW));

    private final Region region = Region.open(RegionConfig.defaults("sealed-files"), PLAN);
    private final MemorySegment key = region.carve("key");
    private final MemorySegment work = region.carve("work");
    private final SealedStream stream = new SealedStream(region.carve("sealed stream"));
    private final MemorySegment[] chunks = {region.carve("chunk a"), region.carve("chunk b")};
    private final ByteBuffer[] buffers = {chunks[0].asByteBuffer(), chunks[1].asByteBuffer()};

    // Sealing: who can open it, then the text.

    void begin(SealedSuite suite) {
        stream.begin(suite, Entropy.SYSTEM);
    }

    /// Lets the key of a file open it.
    void addKey(Input in) {
        KeyFile.read(in, work, key);
        refuseFull(in.name(), () -> stream.addKey(key, 0));
    }

    /// Lets a new key open it, and writes that, not yet under its name.
    void addNewKey(Output out) {
        ByteBuffer digits = KeyFile.generate(work, key);
        refuseFull(out.name(), () -> stream.addKey(key, 0));
        out.write(digits);
    }

    /// Lets the holder of the private key of a public one open it.
    void addRecipient(SigningKeys keys, Input in) {
        refuseFull(in.name(), () -> {
            if (!stream.addRecipient(keys.recipient(in))) {
                throw new Failure(ExitCode.WRONG_FORMAT, in.name() + ": no public key: not one that anything can be sealed to");
            }
        });
    }

    void addPassphrase(Passphrase passphrase, Argon2Cost cost) {
        try (Region argon2 = Region.open(RegionConfig.defaults("argon2"), blocks(cost.memoryBytes()))) {
            refuseFull("the passphrase",
                    () -> stream.addPassphrase(passphrase.segment(), 0, passphrase.length(), cost, argon2.carve("blocks"), 0));
        }
    }

    private static MemoryPlan blocks(long bytes) {
        return MemoryPlan.group("argon2", MemoryPlan.block("blocks", Align.up(bytes, Align.CACHE_LINE_BYTES)));
    }

    private void refuseFull(String name, Runnable addition) {
        if (stream.headerBytes() + SealedStream.STANZA_BYTES_MAX > SealedStream.HEADER_BYTES_MAX) {
            throw new Failure(ExitCode.USAGE, name + ": too many keys, passphrases and recipients for one file");
        }
        addition.run();
    }

    /// Seals what is read up to its end.
    ///
    /// @param ready  runs once, when the first bytes were read and before the first go out
    void seal(Input in, Output out, Runnable ready) {
        try (Progress progress = Progress.of("seal", in.bytesGuessed())) {
            int now = 0;
            int length = in.fill(buffers[now].clear().limit(SealedStream.CHUNK_TEXT_BYTES));
            int header = stream.endHeader(chunks[1], 0);
            ready.run();
            out.write(buffers[1].clear().limit(header));
            boolean last;
            do {
                int next = in.fill(buffers[1 - now].clear().limit(SealedStream.CHUNK_TEXT_BYTES));
                last = next == 0;
                int sealed = stream.sealChunk(chunks[now], 0, length, last);
                out.write(buffers[now].clear().limit(sealed));
                progress.done(length);
                now = 1 - now;
                length = next;
            } while (!last);
        }
    }

    // Opening: the header, keys until one fits, then the text.

    /// Reads the header.
    ///
    /// @throws Failure  it is no sealed file, or was changed or cut
    void takeHeader(Input in) {
        int there = in.fill(buffers[0].clear().limit(SealedStream.PREFIX_BYTES));
        int length = there < SealedStream.PREFIX_BYTES ? -1 : SealedStream.headerBytes(chunks[0], 0);
        if (length > 0) {
            there += in.fill(buffers[0].limit(length));
        }
        judge(in, stream.takeHeader(chunks[0], 0, there));
    }

    /// {@return whether the key in the file opens it}
    boolean opensWithKey(Input in, Input keyFile) {
        KeyFile.read(keyFile, work, key);
        return judge(in, stream.open(key, 0));
    }

    /// {@return whether the private key in the file opens it}
    boolean opensWithIdentity(Input in, SigningKeys keys, Input keyFile) {
        try (KeyPair identity = keys.identity(keyFile)) {
            return judge(in, stream.open(identity));
        }
    }

    /// {@return whether a passphrase can open it at all}
    boolean takesPassphrases() {
        return stream.passphrases() > 0;
    }

    /// {@return whether the passphrase opens it}
    ///
    /// @throws Failure  what the file asks for is past the limit
    boolean opensWithPassphrase(Input in, Passphrase passphrase, PassphraseLimit limit) {
        long bytes = stream.passphraseBytes(limit);
        if (bytes == 0) {
            return judge(in, SealedVerdict.TOO_COSTLY);
        }
        try (Region argon2 = Region.open(RegionConfig.defaults("argon2"), blocks(bytes))) {
            MemorySegment blocks = argon2.carve("blocks");
            return judge(in, stream.openWithPassphrase(passphrase.segment(), 0, passphrase.length(), limit, blocks, 0, blocks.byteSize()));
        }
    }

    /// {@return true for VALID, false for WRONG_KEY}
    private static boolean judge(Input in, SealedVerdict verdict) {
        return switch (verdict) {
            case VALID -> true;
            case WRONG_KEY -> false;
            case UNKNOWN_FORMAT ->
                throw new Failure(ExitCode.WRONG_FORMAT, in.name() + ": not a sealed file of a known format");
            case TOO_COSTLY -> throw new Failure(ExitCode.FAILED, in.name() + ": asks for more memory or work to try a passphrase than is"
                    + " allowed; --argon2-memory-limit and --argon2-work-limit allow more");
            case CHANGED, OUT_OF_PLACE ->
                throw new Failure(ExitCode.CHANGED, in.name() + ": does not verify: the file was changed or cut");
        };
    }

    /// Opens what is read up to its end, by the key that was found.
    ///
    /// @throws Failure  it was changed or cut
    void open(Input in, Output out) {
        try (Progress progress = Progress.of("open", in.bytesGuessed())) {
            int now = 0;
            int length = in.fill(buffers[0].clear().limit(SealedStream.CHUNK_BYTES));
            boolean last;
            do {
                int next = in.fill(buffers[1 - now].clear().limit(SealedStream.CHUNK_BYTES));
                last = next == 0;
                if (stream.openChunk(chunks[now], 0, length, last) != SealedVerdict.VALID) {
                    throw new Failure(ExitCode.CHANGED,
                            in.name() + ": does not verify: the file was changed or cut");
                }
                out.write(buffers[now].clear().limit(length - (SealedStream.CHUNK_BYTES - SealedStream.CHUNK_TEXT_BYTES)));
                progress.done(length);
                now = 1 - now;
                length = next;
            } while (!last);
        }
    }

    @Override
    public void close() {
        stream.close();
        region.close();
    }
}
