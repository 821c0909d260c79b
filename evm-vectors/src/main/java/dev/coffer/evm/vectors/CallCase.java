package dev.coffer.evm.vectors;

import dev.coffer.evm.Block;
import dev.coffer.evm.LogBuffer;
import dev.coffer.evm.Message;
import dev.coffer.evm.Outcome;
import dev.coffer.evm.Status;
import dev.coffer.evm.WorldState;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A message call: `env`, `exec`, `pre`, and `expect`; perhaps a `deploy` before it.
final class CallCase extends VectorCase {
    private final Fork fork;
    private Status deployStatus;     // what came of `deploy`
    private long deployGas;
    private String deployAddress;
    private byte[] deployCode;

    CallCase(Map<String, String> members) {
        super(members);
        this.fork = Fork.named(string("fork"));
    }

    @Override
    Outcome execute(VectorRunner runner) {
        WorldState state = runner.state();
        state.clear();
        environment(state.block());
        if (members.containsKey("deploy")) {
            deploy(runner);
            state.clear();
        }
        accounts(state, object("pre"));
        Map<String, Object> exec = object("exec");
        Hex.word((String) exec.get("caller"), w, 0);
        Hex.word((String) exec.get("to"), w, 4);
        Hex.word((String) exec.get("value"), w, 8);
        byte[] data = Hex.bytes((String) exec.get("data"));
        return runner.transact(fork, new Message().caller(w, 0).to(w, 4).value(w, 8)
                .gas(Hex.number(exec.get("gas"))).input(MemorySegment.ofArray(data), 0, data.length));
    }

    private void environment(Block block) {
        Map<String, Object> env = object("env");
        block(block, Opcode.NUMBER, env.get("number"));
        block(block, Opcode.TIMESTAMP, env.get("timestamp"));
        block(block, Opcode.GASLIMIT, env.get("gasLimit"));
        block(block, Opcode.COINBASE, env.get("coinbase"));
        block(block, Opcode.PREVRANDAO, env.get("prevRandao"));
        block(block, Opcode.BASEFEE, env.get("baseFee"));
        block(block, Opcode.GASPRICE, env.get("gasPrice"));
        block(block, Opcode.ORIGIN, env.get("origin"));
        block(block, Opcode.CHAINID, env.get("chainId"));
        block(block, Opcode.BLOBBASEFEE, env.get("blobBaseFee"));
    }

    /// Runs the initcode; `pre` already holds what comes of it, so this state is thrown away.
    private void deploy(VectorRunner runner) {
        Map<String, String> deploy = Json.members(members.get("deploy"));
        WorldState state = runner.state();
        Hex.word((String) Json.parse(deploy.get("caller")), w, 0);
        Hex.word("0x0", w, 8);
        byte[] initcode = Hex.bytes((String) Json.parse(deploy.get("initcode")));
        Outcome outcome = runner.transact(fork, new Message().caller(w, 0).create().value(w, 8)
                .gas(Hex.number(Json.parse(deploy.get("gas"))))
                .input(MemorySegment.ofArray(initcode), 0, initcode.length));
        deployStatus = outcome.status();
        deployGas = outcome.gasUsed();
        outcome.created(w, 0);
        deployAddress = Hex.address(w, 0);
        deployCode = new byte[Math.toIntExact(state.codeLength(w, 0))];
        if (deployCode.length > 0) {
            state.copyCode(w, 0, 0, MemorySegment.ofArray(deployCode), 0, deployCode.length);
        }
    }

    @SuppressWarnings("unchecked")  // JSON objects are maps
    private String compareDeploy() {
        Map<String, Object> expect = (Map<String, Object>) object("deploy").get("expect");
        String[] differences = {
                differs("deploy status", Status.SUCCESS, deployStatus),
                differs("deploy gas", Hex.number(expect.get("gasUsed")), deployGas),
                differs("deploy address", expect.get("address"), deployAddress),
                differs("deploy code length", Hex.number(expect.get("codeLen")), (long) deployCode.length),
                differs("deploy code", expect.get("codeKeccak"), keccak(deployCode)),
        };
        return first(differences, deployStatus);
    }

    @Override
    @SuppressWarnings("unchecked")  // JSON objects are maps
    String compare(VectorRunner runner, Outcome outcome) {
        String deployed = members.containsKey("deploy") ? compareDeploy() : null;
        if (deployed != null) {
            return deployed;
        }
        Map<String, Object> expect = object("expect");
        String status = outcome.status() == Status.SUCCESS ? "success" : outcome.status() == Status.REVERT ? "revert"
                : outcome.status().halted() ? "fail" : outcome.status().toString();
        byte[] output = outcome.output();
        String[] differences = {
                differs("status", expect.get("status"), status),
                differs("gas used", Hex.number(expect.get("gasUsed")), outcome.gasUsed()),
                differs("refund", Hex.number(expect.get("refund")), outcome.refund()),
                differs("output length", Hex.number(expect.get("outLen")), outcome.outputLength()),
                differs("output hash", expect.get("outKeccak"), keccak(output)),
                expect.containsKey("output") ? differs("output", expect.get("output"), Hex.text(output)) : null,
                expect.containsKey("memSize")
                        ? differs("memory", Hex.number(expect.get("memSize")), outcome.memoryBytes()) : null,
                differs("storage", storage((Map<String, Object>) expect.get("storage"), false), storage(runner.state())),
                differs("logs", expect.containsKey("logs") ? expect.get("logs") : List.of(), logs(runner.state().logs())),
        };
        return first(differences, outcome.status());
    }

    static List<Object> logs(LogBuffer logs) {
        List<Object> all = new ArrayList<>();
        for (int i = 0; i < logs.count(); i++) {
            List<Object> topics = new ArrayList<>();
            for (int t = 0; t < logs.topics(i); t++) {
                topics.add(logTopic(logs, i, t));
            }
            all.add(List.of(logAddress(logs, i), topics, Hex.text(logs.data(i))));
        }
        return all;
    }
}
