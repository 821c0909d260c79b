package dev.coffer.tls;

import org.jspecify.annotations.Nullable;

/// A line in which who came first stands first, such as those who hold what others may lack. It is made of the links of those who stand in it.
/// One thread at a time; 0 heap bytes.
final class Line<T> {
    /// One who may stand in a line, in one at a time.
    static final class Place<T> {
        final T who;
        private @Nullable Line<T> in;
        private @Nullable Place<T> before;
        private @Nullable Place<T> after;

        Place(T who) {
            this.who = who;
        }

        boolean isIn() {
            return in != null;
        }

        /// Stands in no line from here on. Twice is harmless.
        void leave() {
            if (in != null) {
                in.remove(this);
            }
        }
    }

    private @Nullable Place<T> first;
    private @Nullable Place<T> last;

    /// {@return who has stood here the longest, or null}
    @Nullable
    T first() {
        return first == null ? null : first.who;
    }

    /// Stands last, wherever it stood before.
    void join(Place<T> place) {
        if (place == last) {
            return;
        }
        place.leave();
        place.in = this;
        place.before = last;
        if (last == null) {
            first = place;
        } else {
            last.after = place;
        }
        last = place;
    }

    private void remove(Place<T> place) {
        Place<T> before = place.before;
        Place<T> after = place.after;
        if (before == null) {
            first = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.before = before;
        }
        place.in = null;
        place.before = null;
        place.after = null;
    }
}
