package dev.coffer.c;

/// What a call answers: the codes of `coffer.h`, where each is explained. Zero is done, below zero is refused.
final class Status {
    static final int OK = 0;
    static final int INVALID = -1;
    static final int ALGORITHM = -2;
    static final int LENGTH = -3;
    static final int POINTER = -4;
    static final int ALIGNMENT = -5;
    static final int OVERLAP = -6;
    static final int VALUE = -7;
    static final int HANDLE = -8;
    static final int BUSY = -9;
    static final int FULL = -10;
    static final int LIMIT = -11;
    static final int BOUNDS = -12;
    static final int ENTROPY = -13;
    static final int MEMORY = -14;
    static final int CLOSED = -15;
    static final int INTERNAL = -16;

    private Status() {}

    /// {@return the code of what must not leave a call; makes no object and calls nothing, as there may be no heap and no stack}
    static int of(Throwable thrown) {
        return thrown instanceof OutOfMemoryError || thrown instanceof StackOverflowError ? MEMORY : INTERNAL;
    }

    /// {@return the first that is not [#OK], if there is one}
    static int first(int a, int b) {
        return a != OK ? a : b;
    }

    static int first(int a, int b, int c) {
        return a != OK ? a : first(b, c);
    }

    static int first(int a, int b, int c, int d) {
        return a != OK ? a : first(b, c, d);
    }

    static int first(int a, int b, int c, int d, int e) {
        return a != OK ? a : first(b, c, d, e);
    }
}
