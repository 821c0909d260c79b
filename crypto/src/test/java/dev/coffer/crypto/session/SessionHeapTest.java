package dev.coffer.crypto.session;

import dev.coffer.memory.Entropy;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.pool.PooledBuffer;
import dev.coffer.memory.pool.SizeClassPools;
import dev.coffer.testkit.HeapMode;
import dev.coffer.testkit.SteadyPath;
import dev.coffer.testkit.SteadyPaths;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Sessions and one-shot sealing from beginning to end, refusals included: 0 heap bytes, whoever executes them.
class SessionHeapTest {
    private static final List<Class<? extends SteadyPath>> PATHS =
            List.of(Lives.class, Messages.class, AesMessages.class, OneShots.class, Blocks.class);

    @ParameterizedTest
    @EnumSource(HeapMode.class)
    void noOperationMakesAnObject(HeapMode mode) {
        SteadyPaths.check(mode, PATHS);
    }

    private static void expect(long expected, long result) {
        if (result != expected) {
            throw new AssertionError(result + ", expected " + expected);
        }
    }

    /// From acquire to release, with what is refused on the way.
    static final class Lives implements SteadyPath {
        private final SessionWorkspace workspace = SessionWorkspace.open(SessionConfig.of(128, 1, 2));
        private final MemorySegment secret = Arena.global().allocate(32);
        private final Session one = new Session();
        private final Session two = new Session();
        private final Session three = new Session();

        @Override
        public int operations() {
            return 130;
        }

        @Override
        public void run() {
            workspace.acquire(one, 0);
            expect(1, workspace.tryAcquire(two, 0) ? 1 : 0);
            expect(0, workspace.tryAcquire(three, 0) ? 1 : 0);
            one.loadKey(secret, 0, Session.Role.INITIATOR);
            expect(1, two.tryLoadKey(secret, 0, Session.Role.INITIATOR) == SessionRefusal.EXHAUSTED ? 1 : 0);
            expect(1, one.activate(0) ? 1 : 0);
            int input = one.lockInput();
            int output = one.lockOutput();
            expect(8 + Session.OVERHEAD_BYTES, one.seal(input, 8, output, 0));
            one.buffer(output);
            one.unlock(input);
            one.unlock(output);
            expect(0, workspace.expireDue(1));
            expect(0, workspace.security(1).ordinal());
            expect(1, one.sealed() + one.sendKeyAgeNanos(0) + one.refused(SessionRefusal.FORGED));
            one.expire();
            expect(SessionRefusal.EXPIRED.code(), one.lockInput());
            expect(SessionExpiry.OWNER.ordinal(), one.expiry().ordinal());
            one.release();
            two.release();
        }
    }

    /// A message there and everything that is refused; rotations followed; lost rotations made good.
    static class Messages implements SteadyPath {
        private final SessionWorkspace left;
        private final SessionWorkspace right;
        private final Session alice = new Session();
        private final Session bob = new Session();
        private final MemorySegment text = Arena.global().allocate(128);
        private final MemorySegment wire = Arena.global().allocate(128);
        private final MemorySegment out = Arena.global().allocate(128);

        Messages() {
            this(Suite.CHACHA20_POLY1305);
        }

        Messages(Suite suite) {
            SessionConfig config = SessionConfig.micro().withSuite(suite).withRotation(2, Long.MAX_VALUE)
                    .withForged(1000, 1);
            left = SessionWorkspace.open(config);
            right = SessionWorkspace.open(config);
            left.acquire(alice, 0).loadKey(text, 0, Session.Role.INITIATOR);
            right.acquire(bob, 0).loadKey(text, 0, Session.Role.RESPONDER);
            alice.activate(0);
            bob.activate(0);
        }

        @Override
        public int operations() {
            return 40;  // of four messages each
        }

        @Override
        public void run() {
            int message = alice.seal(text, 0, 60, wire, 0, 128, 0);
            expect(60, bob.open(wire, 0, message, out, 0, 128, 0));
            expect(SessionRefusal.REPLAYED.code(), bob.open(wire, 0, message, out, 0, 128, 0));
            expect(SessionRefusal.FOREIGN.code(), alice.open(wire, 0, message, out, 0, 128, 0));
            expect(SessionRefusal.MALFORMED.code(), bob.open(wire, 0, 20, out, 0, 128, 0));
            message = alice.seal(text, 0, 60, wire, 0, 128, 0);
            expect(SessionRefusal.FORGED.code(), bob.open(wire, 0, message - 1, out, 0, 128, 0));
            alice.rotate(0);
            alice.seal(text, 0, 60, wire, 0, 128, 0);
            alice.rotate(0);
            message = alice.seal(text, 0, 60, wire, 0, 128, 0);
            expect(60, bob.resynchronise(wire, 0, message, out, 0, 128, 20, 0));
        }
    }

    static final class AesMessages extends Messages {
        AesMessages() {
            super(Suite.AES_256_GCM);
        }
    }

    static final class OneShots implements SteadyPath {
        private static final SizeClassPools.Config POOLS = SizeClassPools.Config.defaults("classes");

        private final Region region = Region.open(RegionConfig.defaults("t"), MemoryPlan.group("data",
                OneShotSealer.plan(Suite.CHACHA20_POLY1305), SizeClassPools.plan(POOLS)));
        private final SizeClassPools pools = SizeClassPools.open(POOLS, region);
        private final OneShotSealer sealer =
                new OneShotSealer(Suite.CHACHA20_POLY1305, region.carve("one shot"), pools, Entropy.SYSTEM);
        private final MemorySegment text = Arena.global().allocate(512);

        @Override
        public int operations() {
            return 130;
        }

        @Override
        public void run() {
            sealer.loadKey(text, 0);
            for (int length = 100; length < 400; length += 200) {
                PooledBuffer block = sealer.trySeal(text, 0, length);
                expect(SessionRefusal.FORGED.code(), sealer.open(block, 1000));
                expect(length, sealer.open(block, sealer.sequence()));
                block.close();
            }
            expect(0, sealer.refusal(10).ordinal());
            sealer.wipe();
        }
    }

    static final class Blocks implements SteadyPath {
        private final MemorySegment memory = Arena.global().allocate(CryptoContexts.plan("c", 1).totalBytes(), 64);
        private final CryptoContexts table = new CryptoContexts("c", 1, memory, Entropy.SYSTEM);
        private final CryptoContext one = new CryptoContext();
        private final CryptoContext two = new CryptoContext();
        private final MemorySegment text = Arena.global().allocate(128);

        @Override
        public int operations() {
            return 130;
        }

        @Override
        public void run() {
            table.acquire(one);
            expect(0, table.tryAcquire(two) ? 1 : 0);
            one.loadKey(text, 0);
            one.loadBackup(1, text, 32);
            expect(1, one.encryptBlock(text, 0, text, 64) ? 1 : 0);
            one.switchTo(1);
            expect(1, one.encryptBlocks(text, 0, text, 0, 5) ? 1 : 0);
            one.nonce(text, 100);
            one.release();
        }
    }
}
