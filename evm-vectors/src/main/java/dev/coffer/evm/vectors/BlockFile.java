package dev.coffer.evm.vectors;

import dev.coffer.evm.Block;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A block that somebody wrote down as JSON: an object of what its instructions answer, `number`, `timestamp`, `coinbase`, `gasLimit`, `prevRandao`, `difficulty`, `baseFee`,
/// `blobBaseFee` or `excessBlobGas`, `chainId`, `gasPrice`, `origin`, `blockHashes`; or by the names of state tests (`currentNumber`), and of go-ethereum's blocks (`miner`,
/// `baseFeePerGas`). What else these two have is passed over. Stateless.
public final class BlockFile {
    /// The instruction that answers what a member says; of several names the last one that is there is taken.
    private static final Map<Integer, List<String>> NAMES = Map.of(Opcode.COINBASE, List.of("coinbase", "currentCoinbase", "miner"),
            Opcode.TIMESTAMP, List.of("timestamp", "currentTimestamp"), Opcode.NUMBER, List.of("number", "currentNumber"),
            Opcode.GASLIMIT, List.of("gasLimit", "currentGasLimit"), Opcode.BASEFEE, List.of("baseFee", "currentBaseFee", "baseFeePerGas"),
            Opcode.BLOBBASEFEE, List.of("blobBaseFee"), Opcode.CHAINID, List.of("chainId"), Opcode.GASPRICE, List.of("gasPrice"),
            Opcode.ORIGIN, List.of("origin"));
    private static final List<String> RANDOM = List.of("mixHash", "currentRandom", "prevRandao");              // from Paris on (EIP-4399)
    private static final List<String> DIFFICULTY = List.of("currentDifficulty", "difficulty");
    private static final List<String> EXCESS = List.of("currentExcessBlobGas", "excessBlobGas");
    private static final String HASHES = "blockHashes";
    private static final String PARENT = "parentHash";

    /// What no instruction answers.
    private static final Set<String> PASSED_OVER = Set.of(
            // Of `env`.
            "previousHash", "currentBlobGasUsed", "currentBeaconRoot", "currentWithdrawalsRoot", "parentDifficulty", "parentTimestamp", "parentBaseFee",
            "parentGasUsed", "parentGasLimit", "parentUncleHash", "parentBlobGasUsed", "parentExcessBlobGas", "parentBeaconBlockRoot", "ommers", "withdrawals",
            "extraData", "slotNumber",
            // Of a block.
            "hash", "sha3Uncles", "stateRoot", "transactionsRoot", "receiptsRoot", "withdrawalsRoot", "logsBloom", "gasUsed", "blobGasUsed", "nonce", "size",
            "totalDifficulty", "transactions", "uncles", "requestsHash", "blockAccessListHash");

    private BlockFile() {}

    /// Sets a block up. What the text does not name stays.
    ///
    /// @param text   an object
    /// @param fork   by whose rules it is read: from Paris on PREVRANDAO is the random value, before it the difficulty, where a text has both; and each has its own price of
    ///               blobs for an excess of their gas
    /// @throws IllegalArgumentException  it is none, or has a member of another name (the text's fault): nothing is set; or a value that is none: some of it may be set then
    public static void into(Block block, String text, String fork) {
        Map<?, ?> all = StateFile.object("block", Json.parse(text));
        for (Object name : all.keySet()) {
            if (!isKnown((String) name)) {
                throw new IllegalArgumentException(
                        name + ": not a member of a block (number, timestamp, coinbase, gasLimit, prevRandao, difficulty, baseFee, blobBaseFee, "
                                + "excessBlobGas, chainId, gasPrice, origin, blockHashes)");
            }
        }
        NAMES.forEach((opcode, names) -> set(block, opcode, all, names));
        List<String> both = new ArrayList<>(Fork.named(fork).atLeast(Fork.PARIS) ? DIFFICULTY : RANDOM);
        both.addAll(Fork.named(fork).atLeast(Fork.PARIS) ? RANDOM : DIFFICULTY);
        set(block, Opcode.PREVRANDAO, all, both);
        for (String name : EXCESS) {
            if (all.get(name) != null && all.get("blobBaseFee") == null) {
                BigInteger fee = BlobSchedule.of(fork, null).fee(StateFile.number(name, all.get(name)));
                block.set(Opcode.BLOBBASEFEE, Word.of(fee), 0);
            }
        }
        hashes(block, all);
    }

    private static boolean isKnown(String name) {
        return PASSED_OVER.contains(name) || RANDOM.contains(name) || DIFFICULTY.contains(name) || EXCESS.contains(name) || name.equals(HASHES)
                || name.equals(PARENT) || NAMES.values().stream().anyMatch(names -> names.contains(name));
    }

    private static void set(Block block, int opcode, Map<?, ?> all, List<String> names) {
        long[] w = new long[Word.LONGS];
        for (String name : names) {
            Object value = all.get(name);
            if (value == null) {
                continue;
            }
            if (opcode == Opcode.COINBASE || opcode == Opcode.ORIGIN) {
                StateFile.address(String.valueOf(value), w, 0);
            } else {
                StateFile.word(name, value, w, 0);
            }
            block.set(opcode, w, 0);
        }
    }

    /// Of the blocks before: `blockHashes`, by their numbers, and `parentHash`.
    private static void hashes(Block block, Map<?, ?> all) {
        Map<BigInteger, long[]> hashes = new HashMap<>();
        Object number = all.get("number") == null ? all.get("currentNumber") : all.get("number");
        if (all.get(PARENT) != null && number != null) {
            hashes.put(StateFile.number("number", number).subtract(BigInteger.ONE), Word.of(StateFile.number(PARENT, all.get(PARENT))));
        }
        if (all.get(HASHES) != null) {
            StateFile.object(HASHES, all.get(HASHES))
                    .forEach((of, hash) -> hashes.put(StateFile.number(HASHES, of), Word.of(StateFile.number(HASHES + " " + of, hash))));
        }
        if (!hashes.isEmpty()) {
            long[] none = new long[Word.LONGS];
            block.hashes((of, to, r) -> Word.copy(hashes.getOrDefault(new BigInteger(Long.toUnsignedString(of)), none), 0, to, r));
        }
    }
}
