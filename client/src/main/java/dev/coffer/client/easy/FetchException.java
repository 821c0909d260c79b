package dev.coffer.client.easy;

import dev.coffer.client.Failure;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// No reply came, or none that is whole. Its message says why in a few words, with the origin and nothing else of what was asked.
public final class FetchException extends IOException {
    private static final long serialVersionUID = 1;

    private final @Nullable Failure failure;  // null where the client itself did not fail

    FetchException(String message, @Nullable Failure failure) {
        super(message);
        this.failure = failure;
    }

    /// {@return why the call failed; empty where calls went well and led nowhere: too many redirects, or one to what is not spoken}
    public Optional<Failure> failure() {
        return Optional.ofNullable(failure);
    }
}
