package dev.coffer.testkit;

import java.util.Arrays;
import org.openjdk.jol.info.GraphLayout;

/// Bytes of heap objects, as JOL counts them from fields, for tests that hold a plan's heap column against it.
///
/// Of sums alone: JOL's own difference of two layouts goes by the addresses of objects, which a collection between its two walks changes, and then
/// takes what is shared for the object's own. A test that used it was red once in a whole build. `HouseTest` refuses the rest of JOL's layouts elsewhere.
public final class ObjectBytes {
    private ObjectBytes() {}

    /// {@return bytes of all objects that `roots` lead to, each counted once}
    public static long of(Object... roots) {
        return GraphLayout.parseInstance(roots).totalSize();
    }

    /// {@return bytes of the objects that `of` leads to and `shared` does not}
    ///
    /// `shared` is walked before and after: what grows meanwhile cannot be told from what is `of`'s own.
    ///
    /// @param shared  what others hold too; memory of a confined arena leads to its thread, and from there to everything: take a shared or global one
    /// @throws AssertionError  what is shared changed while it was counted
    public static long beside(Object of, Object... shared) {
        Object[] all = Arrays.copyOf(shared, shared.length + 1, Object[].class);
        all[shared.length] = of;
        long before = of(shared);
        long together = of(all);
        long after = of(shared);
        if (before != after) {
            throw new AssertionError("what is shared had " + before + " bytes before and " + after + " after the count");
        }
        return together - before;
    }
}
