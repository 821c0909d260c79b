package dev.coffer.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// NIST's ACVP cases for SHA-3 and SHAKE.
class HashVectorTest {
    @ParameterizedTest
    @CsvSource({"SHA3-224,SHA3-224-2.0", "SHA3-256,SHA3-256-2.0", "SHA3-384,SHA3-384-2.0", "SHA3-512,SHA3-512-2.0"})
    void sha3(String name, String file) {
        Hash hash = HashCrossTest.hashes().filter(h -> h.name().equals(name)).findFirst().orElseThrow();
        VectorCases.run("acvp/" + file + ".json.gz", (group, test, arena) -> {
            MemorySegment message = message(test, arena);
            MemorySegment state = arena.allocate(hash.stateBytes());
            MemorySegment out = arena.allocate(hash.digestBytes());
            hash.hash(state, 0, message, 0, message.byteSize(), out, 0);
            assertEquals(test.get("md").getAsString().toLowerCase(Locale.ROOT), VectorCases.hex(out));
            return VectorCases.Ran.PASSED;
        });
    }

    @ParameterizedTest
    @CsvSource({"128,SHAKE-128-FIPS202", "256,SHAKE-256-FIPS202"})
    void shake(int bits, String file) {
        Xof xof = bits == 128 ? Xof.SHAKE_128 : Xof.SHAKE_256;
        VectorCases.run("acvp/" + file + ".json.gz", (group, test, arena) -> {
            if (test.get("outLen").getAsInt() % 8 != 0) {
                return VectorCases.Ran.UNSUPPORTED;  // whole bytes only, as the package says
            }
            MemorySegment message = message(test, arena);
            MemorySegment state = arena.allocate(Xof.STATE_BYTES);
            MemorySegment out = arena.allocate(test.get("outLen").getAsInt() / 8);
            xof.expand(state, 0, message, 0, message.byteSize(), out, 0, out.byteSize());
            assertEquals(test.get("md").getAsString().toLowerCase(Locale.ROOT), VectorCases.hex(out));
            return VectorCases.Ran.PASSED;
        });
    }

    private static MemorySegment message(JsonObject test, Arena arena) {
        MemorySegment all = VectorCases.bytes(test, "msg", arena);
        return all.asSlice(0, test.get("len").getAsInt() / 8);
    }
}
