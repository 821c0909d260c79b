package dev.coffer.evm.vectors;

import dev.coffer.evm.Block;
import dev.coffer.evm.LogBuffer;
import dev.coffer.evm.Message;
import dev.coffer.evm.Outcome;
import dev.coffer.evm.Status;
import dev.coffer.evm.WorldState;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;
import java.io.ByteArrayOutputStream;
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
                differs("logs", string("logs"), keccak(rlp(runner.state().logs()))),
        };
        return first(differences, outcome.status());
    }

    // --- RLP (Yellow Paper, appendix B) of [[address, [topic ...], data] ...] ---------------------------------------

    private static byte[] rlp(LogBuffer logs) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < logs.count(); i++) {
            ByteArrayOutputStream topics = new ByteArrayOutputStream();
            for (int t = 0; t < logs.topics(i); t++) {
                topics.writeBytes(string(Hex.bytes(logTopic(logs, i, t))));
            }
            ByteArrayOutputStream one = new ByteArrayOutputStream();
            one.writeBytes(string(Hex.bytes(logAddress(logs, i))));
            one.writeBytes(headed(0xc0, topics.toByteArray()));
            one.writeBytes(string(logs.data(i)));
            all.writeBytes(headed(0xc0, one.toByteArray()));
        }
        return headed(0xc0, all.toByteArray());
    }

    private static byte[] string(byte[] bytes) {
        return bytes.length == 1 && bytes[0] >= 0 ? bytes : headed(0x80, bytes);
    }

    private static byte[] headed(int kind, byte[] payload) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (payload.length < 56) {
            out.write(kind + payload.length);
        } else {
            int lengthBytes = (32 - Integer.numberOfLeadingZeros(payload.length) + 7) / 8;
            out.write(kind + 55 + lengthBytes);
            for (int i = lengthBytes - 1; i >= 0; i--) {
                out.write(payload.length >>> 8 * i);
            }
        }
        out.writeBytes(payload);
        return out.toByteArray();
    }
}
