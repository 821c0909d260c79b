/// Shared ground of the tests: [dev.coffer.testkit.HeapBytes] counts what a thread allocates,
/// [dev.coffer.testkit.RawMemory] reads the process's memory past every accessor, [dev.coffer.testkit.Seeds] makes
/// random cases that replay, [dev.coffer.testkit.Vectors] finds the official test vectors.
package dev.coffer.testkit;
