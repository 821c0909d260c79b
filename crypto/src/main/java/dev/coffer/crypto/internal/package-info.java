/// What every primitive checks about the ranges it is given, and what stands below each word of the vocabulary: the
/// functions that the packages of the standards implement. Nothing here knows the vocabulary, so classes are initialised
/// from the top down only. Holds nothing.
@org.jspecify.annotations.NullMarked
package dev.coffer.crypto.internal;
