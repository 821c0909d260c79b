package dev.coffer.cli;

import dev.coffer.client.Failure;

/// How `coffer get` ends where it is the network's doing, by curl's numbers, so that scripts which know those need no others.
final class GetExit {
    static final int HOST = 6;
    static final int CONNECT = 7;
    static final int ANSWER = 8;
    static final int HTTP2 = 16;
    static final int PARTIAL = 18;
    static final int STATUS = 22;
    static final int READ = 26;
    static final int MEMORY = 27;
    static final int TIME = 28;
    static final int RANGE = 33;
    static final int HANDSHAKE = 35;
    static final int REDIRECTS = 47;
    static final int NOTHING = 52;
    static final int BROKEN = 56;
    static final int CERTIFICATE = 58;
    static final int UNTRUSTED = 60;
    static final int TOO_LARGE = 63;
    static final int AUTHORITIES = 77;
    static final int REFUSED = 92;
    static final int HTTP3 = 96;

    private GetExit() {}

    /// {@return the number of a call that came to nothing}
    static int of(Failure failure) {
        return switch (failure) {
            case UNKNOWN_HOST -> HOST;
            case UNREACHABLE -> CONNECT;
            case CONNECT_TIMED_OUT, TIMED_OUT, TOO_SLOW -> TIME;
            case UNTRUSTED -> UNTRUSTED;
            case HANDSHAKE -> HANDSHAKE;
            case NO_HTTP2 -> HTTP2;
            case NO_HTTP3 -> HTTP3;
            case RESET, REFUSED -> REFUSED;
            case NO_ANSWER -> NOTHING;
            case TRUNCATED -> PARTIAL;
            case BROKEN -> BROKEN;
            case PROTOCOL -> ANSWER;
            case TOO_LARGE -> TOO_LARGE;
            case NO_TLS, NO_DESCRIPTOR, ORIGINS_FULL, SOURCE_FAILED, APPLICATION, CANCELLED, STOPPED -> ExitCode.FAILED;
        };
    }
}
