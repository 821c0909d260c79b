/// What the `evm` command needs beside the machine: the files of tests, lines of what came of their cases, and trace lines (EIP-3155). Makes objects freely.
package dev.coffer.cli.evm;
