package dev.coffer.c;

import dev.coffer.instruments.ChildJvm;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// A process that makes and uses keys through the table, writes their bytes to files straight from where they lie, and wipes them; for
/// [ResidueTest] to look for in its memory.
final class ResidueChild {
    /// The control, which the scan must find; reachable for ever.
    static byte[] control;

    private ResidueChild() {}

    public static void main(String... arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        List<MemorySegment> mine = new ArrayList<>();
        Native c = new Native();
        for (int n : new int[] {0x0101, 0x0102, 0x0104, 0x0105, 0x0106, 0x0201, 0x0202, 0x0203, 0x0206, 0x0209}) {
            MemorySegment sizes = c.arena.allocate(8L * KeyCalls.SIZES, 8);
            ok(c.call("describe", n, sizes));
            long secretAt = n == 0x0203 ? 32 : 0;  // rho before it is public
            MemorySegment publicKey = c.bytes(size(sizes, 1));
            MemorySegment secretKey = mine(mine, c.bytes(size(sizes, 2)));
            MemorySegment seed = mine(mine, c.bytes(size(sizes, 0)));
            MemorySegment workspace = c.bytes(size(sizes, 8));
            for (int round = 0; round < 20; round++) {
                dev.coffer.memory.Entropy.SYSTEM.fill(seed, 0, seed.byteSize());
                ok(c.call("keygen", n, seed, publicKey, secretKey, round % 2 == 0 ? workspace : Native.none()));
                if (size(sizes, 3) != 0) {
                    MemorySegment shared = mine(mine, c.bytes(32));
                    MemorySegment ciphertext = c.bytes(size(sizes, 3));
                    ok(c.call("encapsulate", n, publicKey, ciphertext, shared, round % 2 == 0 ? workspace : Native.none()));
                    ok(c.call("decapsulate", n, secretKey, ciphertext, shared, round % 2 == 0 ? workspace : Native.none()));
                    write(folder, "shared " + n, shared, 0);
                } else if (n != 0x0209 || round == 0) {
                    ok(c.call("sign", n, 0, secretKey, publicKey, Native.none(), c.bytes(size(sizes, 5)), round % 2 == 0 ? workspace : Native.none()));
                }
                if (n == 0x0206 || n == 0x0209) {
                    break;  // they take long
                }
            }
            write(folder, "seed " + n, seed, 0);
            write(folder, "key " + n, secretKey, secretAt);
        }
        MemorySegment hashed = mine(mine, c.random(4096, System.nanoTime()));
        MemorySegment handle = c.number();
        ok(c.call("hash_open", 0x0301, handle));
        ok(c.call("hash_update", Native.value(handle), hashed.asSlice(0, 100)));  // a state with secret bytes in it, which goes on
        ok(c.call("hash", 0x0305, hashed, c.bytes(32)));
        ok(c.call("hash_close", Native.value(handle)));
        write(folder, "hashed", hashed, 0);
        write(folder, "hashed on", hashed, 64);
        ok(c.call("evm_create", handle));
        ok(c.call("evm_write", Native.value(handle), 100, hashed.asSlice(1000, 100)));
        ok(c.call("evm_destroy", Native.value(handle)));
        write(folder, "in the EVM's memory", hashed, 1010);
        for (MemorySegment secret : mine) {
            ok(c.call("wipe", secret));
        }
        MemorySegment seen = c.random(64, System.nanoTime());
        write(folder, "control", seen, 0);
        control = seen.toArray(ValueLayout.JAVA_BYTE);
        ChildJvm.pause("used");
        c.close();
        ChildJvm.pause("closed");
    }

    private static MemorySegment mine(List<MemorySegment> mine, MemorySegment made) {
        mine.add(made);
        return made;
    }

    private static void ok(String answer) {
        if (!answer.equals("OK")) {
            throw new AssertionError(answer);
        }
    }

    private static long size(MemorySegment sizes, int place) {
        return sizes.get(ValueLayout.JAVA_LONG, 8L * place);
    }

    private static void write(Path folder, String name, MemorySegment segment, long at) throws IOException {
        long bytes = Math.min(ResidueTest.SECRET_BYTES, segment.byteSize() - at);
        try (FileChannel file = FileChannel.open(folder.resolve(name + ".secret"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            file.write(segment.asSlice(at, bytes).asByteBuffer());
        }
    }
}
