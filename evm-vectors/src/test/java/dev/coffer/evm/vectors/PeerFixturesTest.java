package dev.coffer.evm.vectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.coffer.evm.WorldStateConfig;
import dev.coffer.evm.vectors.VectorRunner.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What Prague and Osaka have brought, as state tests whose roots another implementation computed (`evm/fuzz/fixtures.mjs`): delegation (EIP-7702) in each call and with each fault of an
/// authorization, the floor of data (EIP-7623), caps of gas and blobs (EIP-7825, EIP-7594), CLZ, P256VERIFY, the contracts of the system as they are deployed. What needs the libraries of
/// `integrations/evm-precompiles` is run by the command's tests.
class PeerFixturesTest {
    private static final WorldStateConfig ROOM = new WorldStateConfig(64, 256, 1 << 16, 1 << 16, 64, 1 << 12);

    static Stream<Arguments> ways() {
        return Stream.of(arguments(false), arguments(true));
    }

    @ParameterizedTest
    @MethodSource("ways")
    void casesHaveTheRootsThatThePeerHas(boolean asSigned) throws IOException {
        String text;
        try (InputStream in = new GZIPInputStream(PeerFixturesTest.class.getResourceAsStream("/state-tests/peer/of-the-house.json.gz"))) {
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        Map<String, Integer> cases = new TreeMap<>();
        List<StateTestResult> others = new ArrayList<>();
        try (StateTestRunner runner = new StateTestRunner(null, ROOM, machine -> null).asSigned(asSigned)) {
            runner.run(text, (test, fork) -> true, result -> {
                cases.merge(result.fork(), 1, Integer::sum);
                if (result.verdict() != Verdict.PASSED || !result.detail().isEmpty()) {
                    others.add(result);
                }
            });
            assertEquals(asSigned ? 173 : 0, runner.signed());
        }
        assertEquals(List.of(), others);
        assertEquals(Map.of("Cancun", 1, "Osaka", 96, "Prague", 96), cases);
    }
}
