package dev.coffer.memory;

/// Bytes past the data of a region were overwritten: someone wrote through a raw address past the end. What was next to
/// the data may be damaged too. A bug in this process, and no safe way to go on with the region.
public final class CanaryException extends RuntimeException {
    private static final long serialVersionUID = 1;

    CanaryException(String region, long damagedBytes, long at) {
        super("region \"" + region + "\": " + damagedBytes + " canary bytes overwritten, the first " + at
                + " bytes past the data");
    }

    CanaryException(String message) {
        super(message);
    }
}
