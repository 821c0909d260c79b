package dev.coffer.evm.vectors;

import dev.coffer.evm.opcode.Fork;
import dev.coffer.evm.opcode.Opcode;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;

/// Code under construction: instructions, jumps whose destination comes later, data behind the code, and how many words
/// the stack holds as far as straight lines go.
final class CodeWriter {
    final Fork fork;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final java.util.List<int[]> patches = new java.util.ArrayList<>();   // where, and to what
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private static final int DATA = -1;
    int height;

    CodeWriter(Fork fork) {
        this.fork = fork;
    }

    int size() {
        return bytes.size();
    }

    /// Writes an instruction and counts the words it takes and leaves.
    CodeWriter op(int opcode) {
        bytes.write(opcode);
        height += Opcode.pushes(opcode) - Opcode.pops(opcode);
        return this;
    }

    /// Writes a byte that counts for nothing.
    CodeWriter raw(int value) {
        bytes.write(value);
        return this;
    }

    /// Pushes a number in its shortest form, without PUSH0 where the fork has none.
    CodeWriter push(BigInteger value) {
        byte[] signed = value.toByteArray();
        int from = signed.length > 1 && signed[0] == 0 ? 1 : 0;
        if (value.signum() == 0 && Opcode.in(Opcode.PUSH0, fork)) {
            return op(Opcode.PUSH0);
        }
        op(Opcode.PUSH0 + signed.length - from);
        bytes.write(signed, from, signed.length - from);
        return this;
    }

    CodeWriter push(long value) {
        return push(BigInteger.valueOf(value));
    }

    /// Pushes two bytes that [#land] fills in.
    ///
    /// @return which
    int pushLabel() {
        op(Opcode.PUSH0 + 2);
        patches.add(new int[] {bytes.size(), 0, 0});
        raw(0).raw(0);
        return patches.size() - 1;
    }

    /// The label is here.
    CodeWriter land(int label) {
        patches.get(label)[1] = bytes.size();
        return op(Opcode.JUMPDEST);
    }

    /// Puts bytes behind the code and pushes where they will be.
    CodeWriter pushData(byte[] value) {
        int label = pushLabel();
        patches.get(label)[1] = data.size();
        patches.get(label)[2] = DATA;
        data.writeBytes(value);
        return this;
    }

    /// {@return the code, with all labels set}
    byte[] code() {
        byte[] code = bytes.toByteArray();
        byte[] all = java.util.Arrays.copyOf(code, code.length + data.size());
        System.arraycopy(data.toByteArray(), 0, all, code.length, data.size());
        for (int[] patch : patches) {
            int to = patch[2] == DATA ? code.length + patch[1] : patch[1];
            all[patch[0]] = (byte) (to >> 8);
            all[patch[0] + 1] = (byte) to;
        }
        return all;
    }
}
