package dev.coffer.mutants;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Instruction;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.IncrementInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.OperatorInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// What can be broken in one instruction: a condition that always or never jumps, a boundary, arithmetic, a step, a constant, a call
/// that is dropped, a value that is returned. Each leaves the stack as it was, so every class stays valid.
final class Changes {
    /// @param what  the change in words
    /// @param plant writes the broken form in place of the instruction
    record Change(String what, Consumer<CodeBuilder> plant) {}

    private static final Map<Opcode, Opcode> BOUNDARY = pairs(Opcode.IFLT, Opcode.IFLE, Opcode.IFGE, Opcode.IFGT, Opcode.IF_ICMPLT,
            Opcode.IF_ICMPLE, Opcode.IF_ICMPGE, Opcode.IF_ICMPGT);
    private static final Map<Opcode, Opcode> ARITHMETIC = pairs(Opcode.IADD, Opcode.ISUB, Opcode.LADD, Opcode.LSUB, Opcode.IMUL, Opcode.IDIV,
            Opcode.LMUL, Opcode.LDIV, Opcode.IAND, Opcode.IOR, Opcode.LAND, Opcode.LOR, Opcode.ISHL, Opcode.ISHR, Opcode.LSHL, Opcode.LSHR,
            Opcode.DADD, Opcode.DSUB, Opcode.DMUL, Opcode.DDIV);
    /// A logger's words, a suppressed error and a hint to the processor are nobody's promise.
    private static final List<String> NOT_CALLS = List.of("addSuppressed", "log", "reachabilityFence", "onSpinWait");

    static {
        ARITHMETIC.putAll(Map.of(Opcode.IREM, Opcode.IMUL, Opcode.LREM, Opcode.LMUL, Opcode.IXOR, Opcode.IAND, Opcode.LXOR, Opcode.LAND,
                Opcode.IUSHR, Opcode.ISHL, Opcode.LUSHR, Opcode.LSHL));
    }

    private Changes() {}

    private static Map<Opcode, Opcode> pairs(Opcode... two) {
        Map<Opcode, Opcode> map = new EnumMap<>(Opcode.class);
        for (int i = 0; i < two.length; i += 2) {
            map.put(two[i], two[i + 1]);
            map.put(two[i + 1], two[i]);
        }
        return map;
    }

    /// {@return the changes of instruction `at`, always in one order; none where a change would show nothing but javac's own code}
    static List<Change> of(List<Instruction> code, int at, ClassDesc returned) {
        List<Change> changes = new ArrayList<>();
        Instruction before = at == 0 ? null : code.get(at - 1);
        Instruction after = at + 1 == code.size() ? null : code.get(at + 1);
        switch (code.get(at)) {
            case BranchInstruction branch when branch.opcode() != Opcode.GOTO && branch.opcode() != Opcode.GOTO_W -> condition(branch, after, changes);
            case OperatorInstruction operator -> {
                Opcode other = ARITHMETIC.get(operator.opcode());
                if (other != null) {
                    changes.add(new Change(other + " for " + operator.opcode(), to -> to.with(OperatorInstruction.of(other))));
                }
            }
            case IncrementInstruction step -> changes.add(new Change("a step of " + -step.constant(),
                    to -> to.iinc(step.slot(), -step.constant())));
            case ConstantInstruction constant -> constant(constant, before, after, changes);
            case InvokeInstruction call -> call(call, changes);
            case ReturnInstruction end -> returned(end, before, returned, changes);
            default -> {
            }
        }
        return changes;
    }

    private static void condition(BranchInstruction branch, Instruction after, List<Change> changes) {
        Opcode opcode = branch.opcode();
        boolean two = opcode.name().startsWith("IF_");
        if (opcode == Opcode.IFNULL && after != null && after.opcode().name().startsWith("ALOAD")) {
            return;  // javac asks so before it closes a resource
        }
        changes.add(new Change(opcode + " always", to -> pop(to, two).iconst_0().ifeq(branch.target())));
        changes.add(new Change(opcode + " never", to -> pop(to, two).iconst_0().ifne(branch.target())));
        Opcode boundary = BOUNDARY.get(opcode);
        if (boundary != null) {
            changes.add(new Change(boundary + " for " + opcode, to -> to.with(BranchInstruction.of(boundary, branch.target()))));
        }
    }

    private static CodeBuilder pop(CodeBuilder to, boolean two) {
        return two ? to.pop2() : to.pop();
    }

    private static void constant(ConstantInstruction constant, Instruction before, Instruction after, List<Change> changes) {
        if (before != null && before.opcode() == Opcode.DUP && constant.typeKind() == TypeKind.INT || after != null
                && (after.opcode() == Opcode.ANEWARRAY || after.opcode().name().startsWith("ALOAD"))) {
            return;  // an array's element and length, as javac writes varargs
        }
        if (constant.constantValue() instanceof Integer value) {
            int other = value == 0 ? 1 : value == 1 ? 0 : value + 1;
            changes.add(new Change(other + " for " + value, to -> to.loadConstant(other)));
        } else if (constant.constantValue() instanceof Long value) {
            long other = value == 0 ? 1 : value == 1 ? 0 : value + 1;
            changes.add(new Change(other + "L for " + value + "L", to -> to.loadConstant(other)));
        }
    }

    private static void call(InvokeInstruction call, List<Change> changes) {
        MethodTypeDesc type = call.typeSymbol();
        String name = call.name().stringValue();
        if (!type.returnType().equals(ConstantDescs.CD_void) || name.startsWith("<") || NOT_CALLS.contains(name)) {
            return;
        }
        changes.add(new Change("no " + name, to -> {
            for (int i = type.parameterCount() - 1; i >= 0; i--) {
                if (TypeKind.from(type.parameterType(i)).slotSize() == 2) {
                    to.pop2();
                } else {
                    to.pop();
                }
            }
            if (call.opcode() != Opcode.INVOKESTATIC) {
                to.pop();
            }
        }));
    }

    private static void returned(ReturnInstruction end, Instruction before, ClassDesc type, List<Change> changes) {
        Object known = before instanceof ConstantInstruction constant ? constant.constantValue() : "";
        switch (end.typeKind()) {
            case INT -> {
                if (!Integer.valueOf(0).equals(known)) {
                    changes.add(new Change("returns 0", to -> to.pop().iconst_0().ireturn()));
                }
                if (type.equals(ConstantDescs.CD_boolean) && !Integer.valueOf(1).equals(known)) {
                    changes.add(new Change("returns 1", to -> to.pop().iconst_1().ireturn()));
                }
            }
            case LONG -> {
                if (!Long.valueOf(0).equals(known)) {
                    changes.add(new Change("returns 0L", to -> to.pop2().lconst_0().lreturn()));
                }
            }
            case DOUBLE -> changes.add(new Change("returns 0.0", to -> to.pop2().dconst_0().dreturn()));
            case REFERENCE -> {
                if (before == null || before.opcode() != Opcode.ACONST_NULL) {
                    changes.add(new Change("returns null", to -> to.pop().aconst_null().areturn()));
                }
            }
            default -> {
            }
        }
    }
}
