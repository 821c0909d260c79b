package dev.coffer.cli;

import dev.coffer.crypto.Hash;
import dev.coffer.crypto.libcrypto.Libcrypto;
import dev.coffer.crypto.libcrypto.LibcryptoConfig;
import dev.coffer.evm.Interpreter;
import dev.coffer.evm.InterpreterConfig;
import dev.coffer.evm.WorldState;
import dev.coffer.evm.WorldStateConfig;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.memory.Entropy;
import dev.coffer.memory.GuardedSlots;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.Secret;
import dev.coffer.memory.pool.BufferPool;
import dev.coffer.memory.pool.BufferPoolConfig;
import dev.coffer.memory.pool.PooledBuffer;
import dev.coffer.server.Server;
import dev.coffer.server.ServerConfig;
import dev.coffer.server.files.FileSite;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// A program that uses every module of the library once, and says in one line on what it stood.
public final class NativeAccessChild {
    private NativeAccessChild() {}

    /// The child: `FOLDER`, which it serves.
    public static void main(String... arguments) throws IOException {
        BufferPoolConfig buffers = BufferPoolConfig.of("buffers", 256, 4);
        boolean portable;
        try (Region region = Region.open(RegionConfig.defaults("child"),
                MemoryPlan.group("data", BufferPool.plan(buffers), MemoryPlan.block("key", 64), MemoryPlan.block("state", Hash.SHA_256.stateBytes())));
                BufferPool pool = BufferPool.open(buffers, region)) {
            portable = region.portable();
            MemorySegment key = region.carve("key");
            Entropy.SYSTEM.fill(key, 0, 64);
            long sum = 0;
            for (int i = 0; i < 64; i += 8) {
                sum |= key.get(ValueLayout.JAVA_LONG, i);
            }
            check(sum != 0, "entropy");
            MemorySegment state = region.carve("state");
            Hash.SHA_256.hash(state, 0, key, 0, 32, key, 32);
            check(key.get(ValueLayout.JAVA_LONG, 32) != 0, "hash");
            try (PooledBuffer buffer = pool.acquire()) {
                buffer.putI32(7);
                check(buffer.takeI32() == 7, "buffer");
            }
        }
        try (GuardedSlots slots = GuardedSlots.open(GuardedSlots.Config.defaults("slots"))) {
            Secret secret = slots.acquire(32);
            secret.write((segment, at, length) -> segment.set(ValueLayout.JAVA_BYTE, at + 5, (byte) 9));
            MemorySegment kept = secret.segment();
            secret.access(Secret.Access.NO_ACCESS);
            secret.read((segment, at, length) -> check(segment.get(ValueLayout.JAVA_BYTE, at + 5) == 9, "secret"));
            boolean dead = false;
            try {
                kept.get(ValueLayout.JAVA_BYTE, 5);
            } catch (IllegalStateException e) {
                dead = true;
            }
            check(dead, "a kept segment");
            secret.destroy();
        }
        Libcrypto.find(LibcryptoConfig.defaults()).ifPresent(Libcrypto::close);
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.CANCUN),
                new WorldState(WorldStateConfig.defaults()), null)) {
            check(machine != null, "interpreter");
        }
        try (Server server = Server.open(ServerConfig.standard(),
                FileSite.of(Path.of(arguments[0]), FileSite.FILES))) {
            server.start();
            try (Socket socket = new Socket(server.address().getAddress(), server.address().getPort())) {
                socket.getOutputStream().write("GET /a.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                        .getBytes(StandardCharsets.US_ASCII));
                String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
                check(answer.startsWith("HTTP/1.1 200 ") && answer.endsWith("\r\n\r\nhello"), "answer: " + answer);
            }
        }
        System.out.println("portable: " + portable);
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
