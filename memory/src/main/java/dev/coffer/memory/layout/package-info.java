/// Fixed-width access in both byte orders at any alignment, and alignment arithmetic, for flyweights: a class that
/// owns one layout reads it through [dev.coffer.memory.layout.BigEndian] or
/// [dev.coffer.memory.layout.LittleEndian] at an offset, never through a slice. And numbers as text, for all who write text into memory.
/// Holds nothing.
@NullMarked
package dev.coffer.memory.layout;

import org.jspecify.annotations.NullMarked;
