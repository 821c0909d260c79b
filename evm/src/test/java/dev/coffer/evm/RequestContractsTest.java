package dev.coffer.evm;

import static dev.coffer.evm.RlpModel.list;
import static dev.coffer.evm.RlpModel.number;
import static dev.coffer.evm.RlpModel.string;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.coffer.evm.SystemCalls.Answer;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The queues of EIP-7002 and EIP-7251: deployed by the transactions that the EIPs print, whose signatures were made so that the contracts come to lie where they do (so a
/// wrong digit of the code is another address); requests of transactions go in, the system's call takes them out, beside a restatement of the EIPs' rules.
class RequestContractsTest {
    private static final String MOST = "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
    private static final String SYSTEM = "3373fffffffffffffffffffffffffffffffffffffffe14";
    private static final String PRICE = "5760115f5480" + MOST + "14";
    private static final String SERIES = "57600182026001905f5b5f82111560685781019083028483029004916001019190604d565b9093900492505050366038";
    private static final String WITHDRAWALS = MOST + "5f556101f880602d5f395ff3" + SYSTEM + "60cb" + PRICE + "6101f4" + SERIES
            + "14608857366101f457346101f4575f5260205ff35b34106101f457600154600101600155600354806003026004013381556001015f3581556001016020359055"
            + "3360601b5f5260385f601437604c5fa0600101600355005b6003546002548082038060101160df575060105b5f5b8181146101835782810160030260040181604c"
            + "02815460601b8152601401816001015481526020019060020154807fffffffffffffffffffffffffffffffff000000000000000000000000000000001682529060"
            + "10019060401c908160381c81600701538160301c81600601538160281c81600501538160201c81600401538160181c81600301538160101c81600201538160081c"
            + "81600101535360010160e1565b910180921461019557906002556101a0565b90505f6002555f6003555b5f5480" + MOST
            + "14156101cd57505f5b6001546002828201116101e25750505f6101e8565b01600290035b5f555f600155604c025ff35b5f5ffd";
    private static final String CONSOLIDATIONS = MOST + "5f5561019e80602d5f395ff3" + SYSTEM + "60d3" + PRICE + "61019a" + SERIES.replace("366038", "366060")
            + "146088573661019a573461019a575f5260205ff35b341061019a57600154600101600155600354806004026004013381556001015f358155600101602035815560"
            + "010160403590553360601b5f5260605f60143760745fa0600101600355005b6003546002548082038060021160e7575060025b5f5b818114610129578281016004"
            + "0260040181607402815460601b815260140181600101548152602001816002015481526020019060030154905260010160e9565b910180921461013b5790600255"
            + "610146565b90505f6002555f6003555b5f5480" + MOST
            + "141561017357505f5b6001546001828201116101885750505f61018e565b01600190035b5f555f6001556074025ff35b5f5ffd";

    /// What differs between the two.
    private record Queue(String code, String s, String address, int requestBytes, int perBlock, int target) {
        long[] at() {
            return Word.of(new BigInteger(address, 16));
        }

        Answer call(SystemCalls calls) {
            return this == OF_WITHDRAWALS ? calls.withdrawalRequests() : calls.consolidationRequests();
        }

        /// Whoever asks, and what; the amount of a withdrawal has its bytes the other way round.
        byte[] entry(byte[] who, byte[] request) {
            byte[] entry = RlpModel.joined(who, request);
            if (this == OF_WITHDRAWALS) {
                for (int i = 0; i < 8; i++) {
                    entry[20 + 48 + i] = request[48 + 7 - i];
                }
            }
            return entry;
        }
    }

    private static final Queue OF_WITHDRAWALS =
            new Queue(WITHDRAWALS, "5feeb084551e4e03a3581e269bc2ea2f8d0008", "00000961ef480eb55e80d19ad83579a64c007002", 56, 16, 2);
    private static final Queue OF_CONSOLIDATIONS =
            new Queue(CONSOLIDATIONS, "0c0730f92dc275b663d377a7cbb141b6600052", "0000bbddc7ce488642fb579f8b00f3a590007251", 96, 2, 1);

    private final WorldState state = new WorldState(new WorldStateConfig(64, 1 << 10, 1 << 14, 1 << 14, 64, 1 << 10));
    private final Transaction t = new Transaction();

    private static long[] word(long low) {
        return new long[] {low, 0, 0, 0};
    }

    /// As the EIPs do: signed by nobody, so that whoever it is of is found out.
    private void deploy(Queue queue, Interpreter machine, TransactionExecutor executor) {
        byte[] bytes = list(number(0), number(1_000_000_000_000L), number(250_000), string(new byte[0]), number(0), string(HexFormat.of().parseHex(queue.code)),
                number(27), number(0x539), number(new BigInteger(queue.s, 16)));
        try (Arena arena = Arena.ofConfined()) {
            TransactionReader reader = new TransactionReader(Fork.PRAGUE, 1, arena.allocate(TransactionReader.WORKSPACE_BYTES, Long.BYTES), 0);
            assertEquals(TransactionReader.Refusal.NONE, reader.read(MemorySegment.ofArray(bytes), 0, bytes.length, t));
        }
        state.account(t.words, Transaction.SENDER, word(1L << 60), 0, 0);
        TransactionOutcome outcome = executor.execute(t);
        assertEquals(Status.SUCCESS, outcome.status(), outcome::toString);
        assertTrue(state.codeLength(queue.at(), 0) > 400, () -> "not at " + queue.address + ": of " + Word.toHex(t.words, Transaction.SENDER));
    }

    /// floor(e^(excess / 17)) as both EIPs compute it.
    private static BigInteger fee(int excess) {
        BigInteger by = BigInteger.valueOf(17);
        BigInteger sum = BigInteger.ZERO;
        BigInteger term = by;
        for (int i = 1; term.signum() > 0; i++) {
            sum = sum.add(term);
            term = term.multiply(BigInteger.valueOf(excess)).divide(by.multiply(BigInteger.valueOf(i)));
        }
        return sum.divide(by);
    }

    private TransactionOutcome ask(TransactionExecutor executor, Queue queue, long who, byte[] request, BigInteger paid) {
        t.clear().sender(word(who), 0).to(queue.at(), 0).nonce(state.nonce(word(who), 0)).gas(400_000).value(Word.of(paid), 0)
                .data(MemorySegment.ofArray(request), 0, request.length);
        return executor.execute(t);
    }

    private void requestsGoInAndComeOut(Queue queue) {
        state.block().set(Opcode.GASLIMIT, word(30_000_000), 0);
        Random random = new Random(queue.requestBytes);
        Deque<byte[]> waiting = new ArrayDeque<>();
        try (Interpreter machine = Interpreter.open(InterpreterConfig.of(Fork.PRAGUE), state, null)) {
            TransactionExecutor executor = new TransactionExecutor(machine, state);
            SystemCalls calls = new SystemCalls(machine, state);
            deploy(queue, machine, executor);
            for (long who = 0x51; who < 0x54; who++) {
                state.account(word(who), 0, word(1L << 60), 0, 0);
            }
            byte[] request = new byte[queue.requestBytes];
            assertEquals(Status.REVERT, ask(executor, queue, 0x51, request, BigInteger.ONE).status(), "until the first block ends");
            int excess = 0;
            int dearest = 0;
            for (int block = 0; block < 12; block++) {
                Outcome read = machine.run(new Message().caller(word(7), 0).to(queue.at(), 0).gas(100_000));
                if (block > 0) {
                    assertEquals(fee(excess), new BigInteger(1, read.output()), "fee at " + excess);
                }
                int asked = block == 0 ? 0 : block < 8 ? random.nextInt(30) : 0;
                for (int i = 0; i < asked; i++) {
                    long who = 0x51 + random.nextInt(3);
                    random.nextBytes(request);
                    BigInteger fee = fee(excess);
                    if (i % 4 == 0) {
                        assertEquals(Status.REVERT, ask(executor, queue, who, request, fee.subtract(BigInteger.ONE)).status(), "a wei too little");
                        assertEquals(Status.REVERT, ask(executor, queue, who, Arrays.copyOf(request, request.length - 1), fee).status(), "a byte too little");
                    }
                    assertEquals(Status.SUCCESS, ask(executor, queue, who, request, fee.add(BigInteger.valueOf(i % 3))).status());
                    byte[] from = RlpModel.bytes(BigInteger.valueOf(who), 20);
                    assertEquals(1, state.logs().count());
                    assertEquals(HexFormat.of().formatHex(RlpModel.joined(from, request)), HexFormat.of().formatHex(state.logs().data(0)), "as it was asked");
                    waiting.add(queue.entry(from, request));
                }
                assertEquals(Answer.DONE, queue.call(calls));
                ByteBuffer out = ByteBuffer.allocate(queue.perBlock * (20 + queue.requestBytes));
                while (out.hasRemaining() && !waiting.isEmpty()) {
                    out.put(waiting.remove());
                }
                assertEquals(HexFormat.of().formatHex(Arrays.copyOf(out.array(), out.position())), HexFormat.of().formatHex(calls.outcome().output()),
                        "block " + block);
                excess = Math.max(0, excess + asked - queue.target);
                dearest = Math.max(dearest, excess);
            }
            assertTrue(dearest > 40, "the fee has grown, to e to the power of " + dearest + " / 17");
        }
    }

    @Test
    void withdrawalsAreAskedForAndTakenOutOfTheirQueue() {
        requestsGoInAndComeOut(OF_WITHDRAWALS);
    }

    @Test
    void consolidationsAreAskedForAndTakenOutOfTheirQueue() {
        requestsGoInAndComeOut(OF_CONSOLIDATIONS);
    }
}
