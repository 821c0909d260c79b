/// 256-bit arithmetic of the Ethereum virtual machine (Yellow Paper, appendix H.2; EIP-145 shifts; EIP-7939 CLZ): all
/// operations on four longs of a caller's array, without objects. [dev.coffer.evm.word.Word] holds nothing;
/// [dev.coffer.evm.word.Division] holds its working digits, about 400 bytes.
package dev.coffer.evm.word;
