package dev.coffer.evm.vectors;

import dev.coffer.evm.opcode.Fork;
import java.math.BigInteger;
import java.util.Map;

/// By what rules a case of a state test runs: those of the fork that it names, and what its file's `config` says of the chain.
///
/// @param fork      the machine's
/// @param chain     its number
/// @param blobs     how many a block has, and how slowly their fee moves
record StateTestRules(Fork fork, BigInteger chain, BlobSchedule blobs) {
    /// @param config  the test's member `config`; null for none, which is chain 1 and the main network's schedule
    /// @return null where the fork is unknown
    /// @throws IllegalArgumentException  the config is none
    static StateTestRules of(String forkName, Map<String, Object> config) {
        Fork fork = Fork.find(forkName);
        if (fork == null) {
            return null;
        }
        Map<String, Object> says = config == null ? Map.of() : config;
        Object chain = says.get("chainid") == null ? says.get("chainId") : says.get("chainid");
        Map<?, ?> schedule = says.get("blobSchedule") instanceof Map<?, ?> forks ? forks : null;
        return new StateTestRules(fork, chain == null ? BigInteger.ONE : Hex.quantity(chain), BlobSchedule.of(forkName, schedule));
    }
}
