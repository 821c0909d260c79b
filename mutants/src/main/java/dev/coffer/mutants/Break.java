package dev.coffer.mutants;

import java.util.List;

/// One break of main code: where it is, and what it does there.
///
/// @param className  binary name, as `dev.coffer.memory.Budget`
/// @param descriptor of the method
/// @param line       in the class's source file
/// @param at         instructions of the method, counted from 0: more than one where javac copied a `finally`
/// @param choice     which of the changes that [Changes#of] offers for that instruction
/// @param what       the change in words, as `IFLE for IFLT`
record Break(String className, String method, String descriptor, int line, List<Integer> at, int choice, String what) {}
