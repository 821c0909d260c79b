package dev.coffer.evm.vectors;

import dev.coffer.evm.trie.StateRoot;
import dev.coffer.evm.Block;
import dev.coffer.evm.Message;
import dev.coffer.evm.Outcome;
import dev.coffer.evm.Status;
import dev.coffer.evm.WorldState;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/// One of the VMTests: `exec` with its own code; `gas`, `out`, `post`, `logs` where it ends normally.
final class FrontierCase extends VectorCase {
    private final Fork fork;

    FrontierCase(Map<String, String> members) {
        super(members);
        this.fork = Fork.named(string("fork"));
    }

    @Override
    Outcome execute(VectorRunner runner) {
        WorldState state = runner.state();
        state.clear();
        Map<String, Object> exec = object("exec");
        environment(state.block(), exec);
        accounts(state, object("pre"));
        Hex.word((String) exec.get("caller"), w, 0);
        Hex.word((String) exec.get("address"), w, 4);
        byte[] code = Hex.bytes((String) exec.get("code"));
        state.setCode(w, 4, MemorySegment.ofArray(code), 0, code.length);
        Hex.word((String) exec.get("value"), w, 8);
        byte[] data = Hex.bytes((String) exec.get("data"));
        return runner.transact(fork, new Message().caller(w, 0).to(w, 4).value(w, 8).movesValue(false)
                .gas(Hex.number(exec.get("gas"))).input(MemorySegment.ofArray(data), 0, data.length));
    }

    private void environment(Block block, Map<String, Object> exec) {
        Map<String, Object> env = object("env");
        block(block, Opcode.NUMBER, env.get("currentNumber"));
        block(block, Opcode.TIMESTAMP, env.get("currentTimestamp"));
        block(block, Opcode.GASLIMIT, env.get("currentGasLimit"));
        block(block, Opcode.COINBASE, env.get("currentCoinbase"));
        block(block, Opcode.PREVRANDAO, env.get("currentDifficulty"));
        block(block, Opcode.GASPRICE, exec.get("gasPrice"));
        block(block, Opcode.ORIGIN, exec.get("origin"));
    }

    @Override
    String compare(VectorRunner runner, Outcome outcome) {
        if (!members.containsKey("gas")) {
            return outcome.status().halted() ? null : "expected an exceptional halt, was " + outcome.status();
        }
        String[] differences = {
                differs("status", Status.SUCCESS, outcome.status()),
                differs("gas left", Hex.number(string("gas")), outcome.gasLeft()),
                differs("output", string("out"), Hex.text(outcome.output())),
                differs("storage", storage(object("post"), true), storage(runner.state())),
                differs("logs", string("logs"), Hex.text(StateRoot.ofLogs(runner.state().logs()))),
        };
        return first(differences, outcome.status());
    }
}
