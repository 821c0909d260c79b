/// Coffer for programs in C: [dev.coffer.c.CTable] makes a table of function pointers, as `coffer.h` declares it, of upcalls (JEP 454). It
/// translates pointers, numbers and errors, and decides nothing about cryptography or the EVM.
///
/// Pointers and lengths come as integers and stay integers: no object stands for a buffer of the caller's, so a call makes none. What can be
/// told of a pointer is told before anything is written; whether it points at memory of the caller's cannot be told, here as anywhere in C.
/// No exception leaves a call: it would end the process.
///
/// Largest thing held: the workspaces and hash states of a [dev.coffer.c.CTableConfig], 0.4 MiB by default, and what its EVM memories have
/// committed, at most 64 MiB by default.
package dev.coffer.c;
