/// Hashes and AEADs beside the JDK and Bouncy Castle in one run: `bench/run crypto-symmetric`, `bench/run crypto-hash`.
package dev.coffer.bench.crypto;
