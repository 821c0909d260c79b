package dev.coffer.evm;

import dev.coffer.crypto.Hash;
import dev.coffer.evm.gas.GasSchedule;
import dev.coffer.evm.memory.EvmMemory;
import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Division;
import dev.coffer.evm.word.Word;
import dev.coffer.memory.MemoryPlan;
import dev.coffer.memory.Region;
import dev.coffer.memory.RegionConfig;
import dev.coffer.memory.ledger.Ledger;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Function;

/// The Ethereum virtual machine (Yellow Paper, section 9): runs one message, with all calls below it, to its end.
///
/// ```
///   run(Message) -> frame 0 -> Loop.run -- CALL, CREATE --> frame 1 -> Loop.run ...      no recursion: frames are an
///                      ^                                       |                         array, the driver loops
///                      +-------- resume with its output -------+
/// ```
///
/// Everything is made when the machine is opened; a run makes no object. One thread at a time. Any program ends with an
/// [Outcome]: success, revert, an exceptional halt, or a limit of this machine, which ends the whole run.
public final class Interpreter implements AutoCloseable {
    /// Calls below the outermost one (Yellow Paper, section 8).
    public static final int DEPTH_MAX = 1024;

    static final RegionConfig REGION = RegionConfig.reservation("evm-machine");
    static final long DIGEST = Hash.STATE_BYTES_MAX;           // in the workspace, after the hash's state
    static final long PREIMAGE = DIGEST + 32;                  // what addresses are made of: at most 85 bytes
    private static final long SYSTEM_INPUT = PREIMAGE + 96;    // of a system call: a word
    static final long WORKSPACE_BYTES = SYSTEM_INPUT + Word.BYTES;

    private static final int MIN_SHIFT = 16;                   // traits: gas 16 bits, pops in longs 16, room in longs 32
    private static final int UNDEFINED = 0xffff;               // more longs than a stack can have
    private static final long UNDEFINED_TRAIT = (long) UNDEFINED << MIN_SHIFT;
    private static final int STACK_LONGS = Word.LONGS * Opcode.STACK_WORDS_MAX;

    final GasSchedule schedule;
    final Fork fork;
    final Host host;
    final EvmMemory memory;
    final CodeCache codes;
    final Division division = new Division();
    final MappingKeys mappingKeys = new MappingKeys();
    final long[] stack = new long[STACK_LONGS + Word.LONGS];   // of the frame that runs; a word of room for the lookers
    final long[] scratch = new long[4 * Word.LONGS];
    final long[] delegate = new long[Word.LONGS];              // whose code runs in place of a designator
    final Frame[] frames = new Frame[DEPTH_MAX + 2];        // one more than can run: a tracer is shown who is called too deep
    final MemorySegment workspace;
    long refund;
    int depth;
    Status refusal;                                            // why the loop could not expand memory
    long admittedCost;                                         // of the instruction that admit() let through

    private final InterpreterConfig config;
    private final Region region;
    private final MemorySegment stacks;
    private final Precompiles precompiles;
    private final CorePrecompiles core;
    private final Outcome outcome = new Outcome();
    private final long[] traits = new long[256];
    private final long[] plainTraits = new long[256];          // of code that is not analysed: nothing is fused, and jumps are sent to admit()
    private final long[] noTraits = new long[256];             // sends each instruction to admit()
    private long stacksEnd;
    private Tracer tracer;
    private volatile boolean stopped;                          // by any thread
    private volatile boolean interrupted;                      // the loop looks at each JUMPDEST, and leaves
    private boolean running;
    private boolean hasBegun;                                  // its outermost frame, for the tracer

    private Interpreter(InterpreterConfig config, Host host, Precompiles precompiles, EvmMemory memory, Region region) {
        this.config = config;
        this.fork = config.fork();
        this.schedule = GasSchedule.of(fork);
        this.host = host;
        this.precompiles = precompiles;
        this.memory = memory;
        this.region = region;
        this.stacks = region.carve("stacks");
        this.workspace = region.carve("workspace");
        this.core = new CorePrecompiles(region.carve("precompiles"), 0);
        this.codes = new CodeCache(config.codeBytesMax(), config.codesMax());
        for (int i = 0; i < frames.length; i++) {
            frames[i] = new Frame(i, codes.segment);
        }
        Arrays.fill(noTraits, UNDEFINED_TRAIT);
        for (int opcode = 0; opcode < 256; opcode++) {
            traits[opcode] = Opcode.in(opcode, fork) ? trait(opcode) : UNDEFINED_TRAIT;
        }
        System.arraycopy(traits, 0, plainTraits, 0, traits.length);
        plainTraits[Opcode.JUMP] = UNDEFINED_TRAIT;
        plainTraits[Opcode.JUMPI] = UNDEFINED_TRAIT;
        Fused.traits(schedule, traits);
    }

    private long trait(int opcode) {
        return trait(Word.LONGS * Opcode.pops(opcode), Word.LONGS * (Opcode.pushes(opcode) - Opcode.pops(opcode)), schedule.fixed(opcode));
    }

    /// {@return what the loop compares a frame with: the longs that it needs, those that it grows by, gas}
    static long trait(int min, int grows, int gas) {
        long room = Math.min(STACK_LONGS, STACK_LONGS - grows) - min;
        return room << 32 | (long) min << MIN_SHIFT | gas;
    }

    /// Opens a machine on a host.
    ///
    /// @param precompiles  what computes those that [CorePrecompiles] lacks; null for none
    /// @throws OutOfMemoryError  no address space, or no heap for the codes (machine's fault); nothing is held
    public static Interpreter open(InterpreterConfig config, Host host, Precompiles precompiles) {
        return open(config, host, precompiles, plan -> Region.open(REGION, plan));
    }

    /// As above, with a way to be refused.
    static Interpreter open(InterpreterConfig config, Host host, Precompiles precompiles,
            Function<MemoryPlan, Region> reserve) {
        Objects.requireNonNull(host);
        EvmMemory memory = EvmMemory.open(config.memory());
        Region region = null;
        try {
            region = reserve.apply(config.ownPlan());
            return new Interpreter(config, host, precompiles, memory, region);
        } catch (Throwable failure) {  // an Error too: 97 MiB of address space would be lost with each
            memory.close();
            if (region != null) {
                region.close();
            }
            throw failure;
        }
    }

    /// {@return what it holds}
    public MemoryPlan plan() {
        return config.plan();
    }

    /// {@return what it holds, live: the two regions, row by row. Both are reserved whole when it is opened, so that used and peak are the plan, whatever
    /// runs; what of it is committed is [EvmMemory#touchedBytes]'s to say}
    public Ledger ledger() {
        return Ledger.of("evm", memory.ledgerPart(), Ledger.region(region));
    }

    public InterpreterConfig config() {
        return config;
    }

    /// {@return the memory of its frames, for its numbers and for [EvmMemory#trim]}
    public EvmMemory memory() {
        return memory;
    }

    /// Shows every instruction to a tracer from the next run on; null for none.
    ///
    /// @throws IllegalStateException  the machine runs: its host, tracer or precompile called it (caller's fault)
    public void trace(Tracer sees) {
        if (running) {
            throw new IllegalStateException("the machine runs: who sees it is said before");
        }
        tracer = sees;
    }

    /// {@return what the loop compares a frame with; with a tracer, what sends each instruction to [#admit]}
    ///
    /// @param analysed  whether the code may have instructions in it that are several
    long[] traits(boolean analysed) {
        return tracer != null ? noTraits : analysed ? traits : plainTraits;
    }

    /// Ends the run under way with [Status#STOPPED] and the state as it was before the run, also while its transaction is looked at and paid for; where none is under way nothing happens. May be called from any thread,
    /// also by a tracer, whose run ends before its next instruction. Without a tracer that is where the run next jumps, calls or returns: within as many
    /// instructions as a code has. A precompile under way is waited for.
    public void stop() {
        stopped = true;
        interrupted = true;                                    // last: who takes it back looks whether it was this
    }

    boolean isStopped() {
        return stopped;
    }

    boolean isInterrupted() {
        return interrupted;
    }

    /// Sends the loop back to [#drive] at the next JUMPDEST: the code of the frame has another form now. A tracer sees each instruction of the plain one.
    void interrupt() {
        if (tracer == null) {
            interrupted = true;
        }
    }

    // --- one run ----------------------------------------------------------------------------------------------------

    /// Runs a message to its end. Marks caller, receiver and, from Shanghai, the coinbase as warm; precompiles always
    /// are. State that the run changed stays in the host, undone where it did not succeed, and where host, tracer or precompile
    /// throws, which goes through to the caller.
    ///
    /// @return the machine's one outcome, valid until the next run
    /// @throws IllegalStateException  the machine runs: its host, tracer or precompile called it (caller's fault)
    public Outcome run(Message message) {
        claim();
        try {
            return runClaimed(message);
        } finally {
            unclaim();
        }
    }

    /// Begins what nothing may come between: a run, or a transaction around one. To be called before anything changes.
    ///
    /// @throws IllegalStateException  it has begun, and is under way (caller's fault)
    void claim() {
        if (running) {
            throw new IllegalStateException("the machine runs, and was called by what it asked: take another one");
        }
        running = true;
        interrupted = false;
        stopped = false;                                       // here: a transaction asks and pays before its run begins
    }

    void unclaim() {
        running = false;
    }

    /// Runs a message within a claim. Where host, tracer or precompile throws, the host is as it was before.
    Outcome runClaimed(Message message) {
        assert running;
        int before = host.snapshot();
        boolean ended = false;
        try {
            runFrom(message, before);
            ended = true;
        } finally {
            if (!ended) {
                host.revert(before);
            }
        }
        return outcome;
    }

    private void runFrom(Message message, int before) {
        memory.reset();
        depth = 0;
        refund = 0;
        stacksEnd = 0;
        outcome.depthMax = 0;
        outcome.frames = 0;
        outcome.memoryBytes = 0;
        outcome.outputLength = 0;
        Word.set(outcome.created, 0, 0);
        frames[0].gas = message.gas;
        hasBegun = false;
        Status status = Calls.begin(this, message);
        if (status == Status.RUNNING) {
            status = drive();
        } else if (!hasBegun && tracer != null) {
            began(frames[0]);
            frames[0].gas = 0;
            endedAtOnce(frames[0], status);
        }
        finish(message, status, before);
    }

    private Status drive() {
        for (;;) {
            Frame frame = frames[depth];
            outcome.depthMax = Math.max(outcome.depthMax, depth);
            Status status = stopped ? Status.STOPPED : Loop.run(this, frame);
            if (status == Status.RUNNING || status == Status.STOPPED && goesOn(frame)) {
                continue;  // a frame was entered, or its code has another form
            }
            if (!status.limited()) {
                status = Calls.end(this, frame, status);
            }
            ended(frame, status);
            if (depth == 0 || status.limited()) {
                return status;
            }
            depth--;
            restoreStack(frames[depth]);
            status = Calls.resume(this, frames[depth], frame, status);
            if (status != null) {
                return status;
            }
        }
    }

    /// {@return whether the loop was left for nothing but [#interrupt]: at a JUMPDEST, which is paid for twice}
    private boolean goesOn(Frame frame) {
        interrupted = false;
        if (stopped) {
            return false;
        }
        frame.isAnalysed = codes.isAnalysed(frame.code);
        frame.gas += schedule.fixed(Opcode.JUMPDEST);
        return true;
    }

    /// Tells the tracer of a call that begins.
    void began(Frame frame) {
        hasBegun = true;
        if (tracer != null) {
            tracer.begin(frame);
        }
    }

    private void ended(Frame frame, Status status) {
        if (tracer == null) {
            return;
        }
        boolean returned = status == Status.SUCCESS || status == Status.REVERT;
        long at = frame.depth == 0 ? outcome.outputAt : memory.outputAt();
        tracer.end(frame, status, memory.data(), at, returned ? frame.outputLength : 0);
    }

    /// Tells it of one that ran no instruction, after its end.
    void endedAtOnce(Frame frame, Status status) {
        if (tracer != null) {
            tracer.end(frame, status, memory.data(), memory.outputAt(), status == Status.SUCCESS ? memory.outputLength() : 0);
        }
    }

    boolean isTraced() {
        return tracer != null;
    }

    /// {@return who sees what this machine does; null for nobody}
    Tracer tracer() {
        return tracer;
    }

    private void finish(Message message, Status status, int before) {
        Frame frame = frames[0];
        outcome.status = status;
        outcome.memoryPeakBytes = memory.peakBytes();
        outcome.data = memory.data();
        boolean keeps = status == Status.SUCCESS || status == Status.REVERT;
        outcome.gasLeft = keeps ? frame.gas : 0;
        outcome.gasUsed = message.gas - outcome.gasLeft;
        outcome.refund = status == Status.SUCCESS ? refund : 0;
        if (!keeps) {
            outcome.outputLength = 0;
        }
        if (status.limited()) {
            host.revert(before);
        }
    }

    Outcome outcome() {
        return outcome;
    }

    /// {@return room for the input of a system call, a word}
    MemorySegment systemInput() {
        return workspace.asSlice(SYSTEM_INPUT, Word.BYTES);
    }

    /// {@return what precompile 1 recovers with}
    SignerRecovery recovery() {
        return core.recovery();
    }

    // --- what the instructions share --------------------------------------------------------------------------------

    /// The slow door of the loop: for the tracer, for jumps of code that is not analysed, and to say why an instruction may not run.
    ///
    /// @return null where it may; its cost is in `admittedCost`
    Status admit(Frame frame, int opcode) {
        if (tracer != null) {
            tracer.step(frame, opcode, stack, frame.sp, memory.length(), refund);
        }
        if (stopped) {
            return Status.STOPPED;
        }
        if (!Opcode.in(opcode, fork)) {
            return Status.UNDEFINED_INSTRUCTION;
        }
        int pops = Word.LONGS * Opcode.pops(opcode);
        if (frame.sp < pops) {
            return Status.STACK_UNDERFLOW;
        }
        if (frame.sp - pops + Word.LONGS * Opcode.pushes(opcode) > STACK_LONGS) {
            return Status.STACK_OVERFLOW;
        }
        if (!frame.isAnalysed && (opcode == Opcode.JUMP || opcode == Opcode.JUMPI)) {
            Codes.look(this, frame, opcode);
        }
        admittedCost = schedule.fixed(opcode);
        return null;
    }

    /// Charges a frame for making the bytes at the offset in word `offset` active, `size` of them, and does it.
    Status touchBytes(Frame frame, int offset, long size) {
        if (size == 0) {
            return null;
        }
        if (!Word.isLong(stack, offset)) {
            return Status.OUT_OF_GAS;
        }
        Status status = Status.of(memory.tryExpand(stack[offset], size, frame.gas));
        frame.gas -= memory.paid();
        return status;
    }

    /// As [#touchBytes], with the size in word `size`.
    Status touch(Frame frame, int offset, int size) {
        if (Word.isZero(stack, size)) {
            return null;
        }
        if (!Word.isLong(stack, size)) {
            return Status.OUT_OF_GAS;
        }
        return touchBytes(frame, offset, stack[size]);
    }

    /// Keccak-256 of bytes, to a word.
    void keccak(MemorySegment from, long at, long length, long[] to, int r) {
        Hash.KECCAK_256.hash(workspace, 0, from, at, length, workspace, DIGEST);
        Word.load(workspace, DIGEST, to, r);
    }

    /// Takes the cold part of an access to an account (EIP-2929).
    ///
    /// @return null, OUT_OF_GAS or HOST_LIMIT
    Status accessAccount(Frame frame, long[] s, int address) {
        if (!schedule.coldAccess || precompile(s, address) > 0) {
            return null;
        }
        int access = host.accessAccount(s, address);
        if (access == Host.COLD) {
            frame.gas -= GasSchedule.COLD_ACCOUNT_EXTRA;
            return frame.gas < 0 ? Status.OUT_OF_GAS : null;
        }
        return access == Host.FULL ? Status.HOST_LIMIT : null;
    }

    /// Tells the host who takes part, from the fork on in which that matters (EIP-161).
    ///
    /// @return false for want of room
    boolean touches(long[] s, int address) {
        return !schedule.emptyIsAbsent || host.touch(s, address);
    }

    /// {@return the number of the fork's precompile at an address, or 0}
    int precompile(long[] s, int address) {
        long number = s[address];
        if ((s[address + 1] | s[address + 2] | s[address + 3]) != 0 || number <= 0) {
            return 0;
        }
        if (number <= schedule.precompileMax) {
            return (int) number;
        }
        return number == CorePrecompiles.P256_VERIFY && fork.atLeast(Fork.OSAKA) ? CorePrecompiles.P256_VERIFY : 0;
    }

    Precompiles precompiles(int number) {
        return core.has(number, fork) ? core : precompiles != null && precompiles.has(number, fork) ? precompiles : null;
    }

    void saveStack(Frame frame) {
        frame.stackAt = stacksEnd;
        MemorySegment.copy(stack, 0, stacks, ValueLayout.JAVA_LONG, stacksEnd, frame.sp);
        stacksEnd += 8L * frame.sp;
    }

    private void restoreStack(Frame frame) {
        stacksEnd = frame.stackAt;
        MemorySegment.copy(stacks, ValueLayout.JAVA_LONG, stacksEnd, stack, 0, frame.sp);
    }

    /// Returns every byte to the system. Closing twice is harmless.
    ///
    /// @throws IllegalStateException  the machine runs: what it asked calls this (caller's fault); nothing is closed
    @Override
    public void close() {
        if (running) {
            throw new IllegalStateException("the machine runs, and would be closed by what it asked: stop it");
        }
        try {
            memory.close();
        } finally {
            region.close();
        }
    }

    @Override
    public String toString() {
        return "Interpreter[" + fork + ", depth " + depth + ", " + memory + "]";
    }
}
