package dev.coffer.cli.audit;

import java.util.List;

/// One promise and the experiment that checks it. Stateless; one runs at a time.
public interface Proof {
    /// {@return its name, as `--only` takes it}
    String name();

    /// {@return the promise, one line}
    String claim();

    /// {@return the deliberate faults it knows; under each it must fail}
    List<String> faults();

    /// Runs the experiment.
    ///
    /// @throws RuntimeException  the experiment itself broke down, which is a failure too
    Verdict run(Setting setting);
}
