/// Every system call that Coffer makes, bound through the Foreign Function and Memory API; the only restricted calls
/// of the whole house. Not for users: exported to the modules that need a device of their own.
///
/// Left out on purpose: other systems than Linux. There [dev.coffer.memory.internal.os.MemoryCalls#available] is
/// false and the portable forms take over.
package dev.coffer.memory.internal.os;
