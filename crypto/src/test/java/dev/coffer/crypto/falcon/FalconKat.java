package dev.coffer.crypto.falcon;

import dev.coffer.crypto.Memory;
import dev.coffer.testkit.Vectors;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/// An entry of the submission's known answers, whose `sm` is the length of s2 with its header, the salt, the message, and s2 with a header
/// of 0x20 + logn.
record FalconKat(int count, MemorySegment seed, MemorySegment message, MemorySegment pk, MemorySegment sk, MemorySegment signed) {
    private static final int SALT = 40;

    /// {@return every entry of a file, however many it holds}
    static List<FalconKat> of(Falcon falcon) {
        String file = "falcon/" + falcon.name().replace("-", "").toLowerCase(java.util.Locale.ROOT) + "-KAT.rsp.gz";
        Assumptions.assumeTrue(Vectors.present(file), Vectors.absence(file));
        List<FalconKat> entries = new ArrayList<>();
        try (BufferedReader reader = new BufferedReader(Vectors.reader(file))) {
            Map<String, String> fields = new HashMap<>();
            int held = 0;
            for (String line : reader.lines().toList()) {
                int equals = line.indexOf(" = ");
                if (equals > 0) {
                    fields.put(line.substring(0, equals), line.substring(equals + 3).strip());
                }
                held += line.startsWith("count = ") ? 1 : 0;
                if (line.startsWith("sm = ")) {
                    entries.add(new FalconKat(Integer.parseInt(fields.get("count")), Memory.hex(fields.get("seed")),
                            Memory.hex(fields.get("msg")), Memory.hex(fields.get("pk")), Memory.hex(fields.get("sk")),
                            Memory.hex(fields.get("sm"))));
                }
            }
            System.out.println("vectors " + file + ": " + held + " held");
            Assertions.assertTrue(held > 0, file);
            Assertions.assertEquals(held, entries.size(), file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return entries;
    }

    /// {@return the signature alone, in the compressed form of the specification}
    MemorySegment signature() {
        long s2 = signed.byteSize() - 2 - SALT - message.byteSize();
        MemorySegment signature = Memory.zeros(s2 + SALT);
        long from = signed.byteSize() - s2;
        signature.set(ValueLayout.JAVA_BYTE, 0,
                (byte) (signed.get(ValueLayout.JAVA_BYTE, from) + 0x10));
        MemorySegment.copy(signed, 2, signature, 1, SALT);
        MemorySegment.copy(signed, from + 1, signature, 1 + SALT, s2 - 1);
        return signature;
    }

    /// {@return a signature in the compressed form as the known answers hold it}
    static MemorySegment signed(MemorySegment signature, MemorySegment message) {
        long s2 = signature.byteSize() - SALT;
        MemorySegment signed = Memory.zeros(2 + SALT + message.byteSize() + s2);
        signed.set(ValueLayout.JAVA_BYTE, 0, (byte) (s2 >>> 8));
        signed.set(ValueLayout.JAVA_BYTE, 1, (byte) s2);
        MemorySegment.copy(signature, 1, signed, 2, SALT);
        MemorySegment.copy(message, 0, signed, 2 + SALT, message.byteSize());
        long at = 2 + SALT + message.byteSize();
        signed.set(ValueLayout.JAVA_BYTE, at,
                (byte) (signature.get(ValueLayout.JAVA_BYTE, 0) - 0x10));
        MemorySegment.copy(signature, 1 + SALT, signed, at + 1, s2 - 1);
        return signed;
    }
}
