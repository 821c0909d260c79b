/// One small program for each thing that Coffer's memory is used for; each runs by `examples/run NAME` and says what it
/// shows. None is a library.
package dev.coffer.examples;
