/// The `coffer` command: one class per command, each of which parses, prints and decides nothing.
///
/// Exit codes: 0 done, 1 it could not be done (one line on standard error says why), 2 the command line is wrong.
/// A command says what went wrong by throwing [dev.coffer.cli.Failure]; anything else that escapes is a bug of ours
/// and is printed with its stack.
package dev.coffer.cli;
