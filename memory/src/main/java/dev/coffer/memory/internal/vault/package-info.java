/// Memory for holders that are never closed, as the objects of JCA and JSSE: pieces of areas that come back when their holder is done, or when the collector has found it
/// forgotten. For the providers alone; it holds no more than the areas that it is given.
@NullMarked
package dev.coffer.memory.internal.vault;

import org.jspecify.annotations.NullMarked;
