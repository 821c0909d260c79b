package dev.coffer.examples;

import dev.coffer.memory.GuardedSlots;
import dev.coffer.memory.Secret;
import java.lang.foreign.ValueLayout;

/// A long-lived key between guard pages: closed while it is not used, opened for the length of a call, gone when destroyed.
public final class GuardedKey {
    private GuardedKey() {}

    public static void main(String[] arguments) {
        try (GuardedSlots slots = GuardedSlots.open(GuardedSlots.Config.defaults("keys"))) {
            slots.protections().forEach(System.out::println);
            Secret key = slots.acquire(32);
            key.write((segment, at, length) -> {
                for (long i = 0; i < length; i++) {
                    segment.set(ValueLayout.JAVA_BYTE, at + i, (byte) (i * 7));
                }
            });
            key.access(Secret.Access.NO_ACCESS);
            System.out.println(key);
            try {
                key.segment();
            } catch (IllegalStateException closed) {
                System.out.println("closed: " + closed.getMessage());
            }
            long[] sum = new long[1];
            key.read((segment, at, length) -> {
                for (long i = 0; i < length; i++) {
                    sum[0] += segment.get(ValueLayout.JAVA_BYTE, at + i);
                }
            });
            System.out.println("read inside a scope, sum " + sum[0]);
            key.destroy();
            System.out.println(key + ", slots in use " + slots.usedBytes() + " bytes");
        }
    }
}
