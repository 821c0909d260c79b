package dev.coffer.evm;

import dev.coffer.evm.opcode.Opcode;
import dev.coffer.evm.word.Word;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// What tracers say of an ending, in go-ethereum's words where it has them. Makes objects. Stateless, thread-safe.
final class TracerWords {
    private static final int ERROR = 0x08c379a0;         // Error(string)
    private static final int PANIC = 0x4e487b71;         // Panic(uint256)
    private static final int SELECTOR_BYTES = 4;

    private TracerWords() {}

    /// {@return why a frame ended so}
    ///
    /// @param frame  as it ended: the instruction and the stack that it stopped at are told where there is a frame of code
    static String of(Status status, Frame frame) {
        return switch (status) {
            case REVERT -> "execution reverted";
            case OUT_OF_GAS -> isAtEndOfCreation(frame) ? "contract creation code storage out of gas" : "out of gas";
            case UNDEFINED_INSTRUCTION -> "invalid opcode: " + name(opcode(frame));
            case STACK_UNDERFLOW -> "stack underflow (" + frame.sp / Word.LONGS + " <=> " + Opcode.pops(opcode(frame)) + ")";
            case STACK_OVERFLOW -> "stack limit reached " + frame.sp / Word.LONGS + " ("
                    + (Opcode.STACK_WORDS_MAX + Opcode.pops(opcode(frame)) - Opcode.pushes(opcode(frame))) + ")";
            case BAD_JUMP -> "invalid jump destination";
            case STATIC_VIOLATION -> "write protection";
            case RETURN_DATA_OUT_OF_BOUNDS -> "return data out of bounds";
            case CODE_TOO_LONG -> "max code size exceeded";
            case INITCODE_TOO_LONG -> "max initcode size exceeded";
            case CODE_PREFIX_RESERVED -> "invalid code: must not begin with 0xef";
            case CREATE_COLLISION -> "contract address collision";
            case CALL_TOO_DEEP -> "max call depth exceeded";
            case BALANCE_TOO_LOW -> "insufficient balance for transfer";
            case NONCE_EXHAUSTED -> "nonce uint64 overflow";
            default -> status.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        };
    }

    private static int opcode(Frame frame) {
        return frame.pc < frame.codeLength ? frame.codes.get(ValueLayout.JAVA_BYTE, frame.codeAt + (long) frame.pc) & 0xff : Opcode.STOP;
    }

    /// {@return the name of an instruction, where there is none its number; 0x44 is DIFFICULTY in every fork, as there}
    static String name(int opcode) {
        if (opcode == Opcode.PREVRANDAO) {
            return "DIFFICULTY";
        }
        return Opcode.name(opcode).startsWith("opcode") ? "opcode 0x" + Integer.toHexString(opcode) + " not defined" : Opcode.name(opcode);
    }

    /// {@return whether it was initcode that had returned, and could not pay for what it returned}
    private static boolean isAtEndOfCreation(Frame frame) {
        return (frame.opcode == Opcode.CREATE || frame.opcode == Opcode.CREATE2) && frame.isDeploying;
    }

    /// {@return the text of Solidity's `Error(string)`, or in words what a `Panic(uint256)` means, as the inside of a JSON string; empty for any other output}
    static String revertReason(MemorySegment output, long at, long length) {
        if (length < SELECTOR_BYTES + Word.BYTES) {
            return "";
        }
        byte[] all = output.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
        int selector = ByteBuffer.wrap(all).getInt();
        MemorySegment arguments = MemorySegment.ofArray(all).asSlice(SELECTOR_BYTES);
        long[] w = new long[Word.LONGS];
        Word.load(arguments, 0, w, 0);
        if (selector == PANIC) {
            return Word.isLong(w, 0) ? panic(w[0]) : "unknown panic code: " + "0x" + Word.toBigInteger(w, 0).toString(16);
        }
        if (selector != ERROR || !lies(w, arguments.byteSize() - Word.BYTES)) {
            return "";
        }
        long start = w[0];
        Word.load(arguments, start, w, 0);
        if (!lies(w, arguments.byteSize() - Word.BYTES - start)) {
            return "";
        }
        try {
            return escaped(StandardCharsets.UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(all, (int) (SELECTOR_BYTES + start + Word.BYTES), (int) w[0])));
        } catch (CharacterCodingException e) {
            return "";                                   // no text
        }
    }

    private static boolean lies(long[] w, long most) {
        return Word.isLong(w, 0) && w[0] >= 0 && w[0] <= most;
    }

    private static String panic(long code) {
        return switch (code < 0 ? 0x100 : (int) Math.min(code, 0x100)) {
            case 0x00 -> "generic panic";
            case 0x01 -> "assert(false)";
            case 0x11 -> "arithmetic underflow or overflow";
            case 0x12 -> "division or modulo by zero";
            case 0x21 -> "enum overflow";
            case 0x22 -> "invalid encoded storage byte array accessed";
            case 0x31 -> "out-of-bounds array access; popping on an empty array";
            case 0x32 -> "out-of-bounds access of an array or bytesN";
            case 0x41 -> "out of memory";
            case 0x51 -> "uninitialized function";
            default -> "unknown panic code: 0x" + Long.toHexString(code);
        };
    }

    private static String escaped(CharSequence text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }
}
