// The other implementation of whole transactions: runs blocks of signed ones in @ethereumjs/vm, one JSON object a line from stdin to stdout.
//
// In:  fork, env, pre, transactions (signed, as they travel).
// Out: results (of each: invalid, or status, gasUsed, output, logs), the state's root afterwards, and accounts, for people (balance, nonce, root of storage).
import { createInterface } from 'node:readline';
import { createBlock } from '@ethereumjs/block';
import { Common, Mainnet } from '@ethereumjs/common';
import { createTxFromRLP } from '@ethereumjs/tx';
import { Account, bytesToHex, createAddressFromString, hexToBytes, setLengthLeft, unpadBytes } from '@ethereumjs/util';
import { MerkleStateManager } from '@ethereumjs/statemanager';
import { createVM, runTx } from '@ethereumjs/vm';

const FORKS = { frontier: 'chainstart', spuriousdragon: 'spuriousDragon', tangerinewhistle: 'tangerineWhistle' };
const ZERO = { hash: () => new Uint8Array(32) };            // BLOCKHASH is 0
const BLOCKCHAIN = { getBlock: async () => ZERO, putBlock: async () => {}, shallowCopy() { return this; } };

const word = (hex) => setLengthLeft(hexToBytes(hex), 32);

function rules(fork) {
  // What no blob is looked at for: hashes alone are compared.
  const kzg = { blobToKzgCommitment() {}, computeBlobProof() {}, verifyProof() { return false; }, verifyBlobProofBatch() { return false; } };
  return new Common({ chain: Mainnet, hardfork: FORKS[fork] ?? fork, customCrypto: { kzg } });
}

async function prepare(test) {
  const common = rules(test.fork);
  const stateManager = new MerkleStateManager({ common });
  for (const [text, account] of Object.entries(test.pre)) {
    const address = createAddressFromString(text);
    await stateManager.putAccount(address, new Account(BigInt(account.nonce), BigInt(account.balance)));
    if (account.code !== '0x') {
      await stateManager.putCode(address, hexToBytes(account.code));
    }
    for (const [key, value] of Object.entries(account.storage)) {
      await stateManager.putStorage(address, word(key), unpadBytes(word(value)));
    }
  }
  const vm = await createVM({ common, stateManager, blockchain: BLOCKCHAIN });
  const { env } = test;
  const header = { number: env.number, timestamp: env.timestamp, gasLimit: env.gasLimit, coinbase: env.coinbase };
  if (common.gteHardfork('paris')) {
    Object.assign(header, { mixHash: env.prevRandao, difficulty: 0n });
  } else {
    header.difficulty = BigInt(env.prevRandao);
  }
  if (common.gteHardfork('london')) {
    header.baseFeePerGas = BigInt(env.baseFee);
  }
  if (common.gteHardfork('cancun')) {
    header.excessBlobGas = 0n;                               // a price of 1
    header.blobGasUsed = 0n;
    header.parentBeaconBlockRoot = new Uint8Array(32);
  }
  const block = createBlock({ header }, { common, skipConsensusFormatValidation: true, freeze: false });
  return { common, stateManager, vm, block };
}

async function one({ vm, block, common }, bytes) {
  let tx;
  try {
    tx = createTxFromRLP(hexToBytes(bytes), { common });
    const result = await runTx(vm, { tx, block, skipHardForkValidation: true });
    const { execResult } = result;
    const reason = execResult.exceptionError?.error ?? '';
    // In Frontier a creation that cannot pay for its code has succeeded, without code: here it is an error whose state is kept.
    const bare = common.hardfork() === 'chainstart' && reason === 'code store out of gas';
    const status = reason === '' || bare ? 'success' : reason === 'revert' ? 'revert' : 'fail';
    return { status, reason, gasUsed: Number(result.totalGasSpent),
      output: status === 'fail' || bare ? '0x' : bytesToHex(execResult.returnValue),
      logs: status === 'success' ? (execResult.logs ?? []).map(([address, topics, data]) =>
        [bytesToHex(address), topics.map((topic) => bytesToHex(topic)), bytesToHex(data)]) : [] };
  } catch (error) {
    return { status: 'invalid', reason: String(error?.message ?? error).slice(0, 200) };
  }
}

async function run(test) {
  const world = await prepare(test);
  const results = [];
  for (const bytes of test.transactions) {
    results.push(await one(world, bytes));
  }
  const accounts = {};
  const { stateManager } = world;
  for (const text of [...Object.keys(test.pre), test.env.coinbase]) {
    const account = await stateManager.getAccount(createAddressFromString(text));
    if (account !== undefined) {
      accounts[text] = `${account.balance} ${account.nonce}`;
    }
  }
  return { results, root: bytesToHex(await stateManager.getStateRoot()), accounts };
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  let answer;
  try {
    answer = await run(JSON.parse(line));
  } catch (error) {
    answer = { broken: String(error?.stack ?? error) };
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
