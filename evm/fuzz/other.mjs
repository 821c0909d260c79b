// The other implementation: runs message calls in @ethereumjs/evm, one JSON object a line from stdin to stdout.
//
// In:  fork, env, exec, pre (format 1 of the fixtures; anything else in the line is not looked at).
// Out: status (success, revert, fail), reason, gasUsed, refund, output, storage, logs, nanos (of the call alone).
// Nothing is carried from one line to the next but what Node has compiled.
import { createInterface } from 'node:readline';
import { Common, Mainnet } from '@ethereumjs/common';
import { createEVM } from '@ethereumjs/evm';
import { SimpleStateManager } from '@ethereumjs/statemanager';
import { Account, bytesToHex, createAddressFromString, hexToBytes, setLengthLeft, unpadBytes } from '@ethereumjs/util';

// Names of forks that differ from ethereumjs's.
const FORKS = { frontier: 'chainstart', spuriousdragon: 'spuriousDragon',
  tangerinewhistle: 'tangerineWhistle' };
const ZERO = { hash: () => new Uint8Array(32) };            // BLOCKHASH is 0
const BLOCKCHAIN = { getBlock: async () => ZERO, putBlock: async () => {}, shallowCopy() { return this; } };
const commons = new Map();

const even = (hex) => (hex.length % 2 === 0 ? hex : '0x0' + hex.slice(2));
const word = (hex) => setLengthLeft(hexToBytes(even(hex)), 32);

function rules(fork) {
  const plain = fork.toLowerCase().replaceAll('_', '').replaceAll('-', '');
  const name = FORKS[plain] ?? plain;
  if (!commons.has(name)) {
    commons.set(name, new Common({ chain: Mainnet, hardfork: name }));
  }
  return commons.get(name);
}

async function prepare(test) {
  const common = rules(test.fork);
  const stateManager = new SimpleStateManager({ common });
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
  const evm = await createEVM({ common, stateManager, blockchain: BLOCKCHAIN });
  const warm = [test.exec.caller, test.exec.to];
  if (common.gteHardfork('shanghai')) {
    warm.push(test.env.coinbase);                             // EIP-3651
  }
  for (const text of warm) {
    evm.journal.addAlwaysWarmAddress(createAddressFromString(text).toString(), true);
  }
  for (const text of evm.precompiles.keys()) {
    evm.journal.addAlwaysWarmAddress('0x' + text.replace('0x', ''), true);
  }
  return { common, stateManager, evm };
}

function block(env, common) {
  const randao = word(env.prevRandao);
  return {
    header: {
      number: BigInt(env.number), timestamp: BigInt(env.timestamp), gasLimit: BigInt(env.gasLimit),
      coinbase: createAddressFromString(env.coinbase), cliqueSigner: () => createAddressFromString(env.coinbase),
      difficulty: common.gteHardfork('paris') ? 0n : BigInt(env.prevRandao), prevRandao: randao,
      baseFeePerGas: BigInt(env.baseFee), getBlobGasPrice: () => BigInt(env.blobBaseFee),
      slotNumber: 0n,
    },
  };
}

// The storage left: what SELFDESTRUCT marked goes with its account, since Cancun only if it was created here (EIP-6780).
async function storage(result, common, stateManager) {
  for (const text of result.selfdestruct?.keys() ?? []) {
    if (!common.isActivatedEIP(6780) || result.createdAddresses.has(text)) {
      await stateManager.clearStorage(createAddressFromString(text));
    }
  }
  const left = {};
  for (const [name, value] of stateManager.topStorageStack()) {
    const [address, key] = name.split('_');
    if (value.some((byte) => byte !== 0)) {
      (left[address] ??= {})[key] = bytesToHex(setLengthLeft(value, 32));
    }
  }
  return left;
}

async function run(test) {
  const { common, stateManager, evm } = await prepare(test);
  const { exec, env } = test;
  const options = {
    block: block(env, common), gasPrice: BigInt(env.gasPrice), origin: createAddressFromString(env.origin),
    caller: createAddressFromString(exec.caller), to: createAddressFromString(exec.to), value: BigInt(exec.value),
    gasLimit: BigInt(exec.gas), data: hexToBytes(exec.data), skipNonceIncrement: true,
  };
  const start = process.hrtime.bigint();
  const { execResult: result } = await evm.runCall(options);
  const nanos = process.hrtime.bigint() - start;
  const reason = result.exceptionError?.error ?? '';
  const status = reason === '' ? 'success' : reason === 'revert' ? 'revert' : 'fail';
  return {
    status, reason, nanos: Number(nanos),
    gasUsed: Number(status === 'fail' ? options.gasLimit : result.executionGasUsed),
    refund: status === 'success' ? Number(result.gasRefund ?? 0n) : 0,
    output: status === 'fail' ? '0x' : bytesToHex(result.returnValue),
    storage: await storage(result, common, stateManager),
    logs: status === 'success' ? (result.logs ?? []).map(([address, topics, data]) =>
      [bytesToHex(address), topics.map((topic) => bytesToHex(topic)), bytesToHex(data)]) : [],
  };
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  let answer;
  try {
    answer = await run(JSON.parse(line));
  } catch (error) {
    answer = { status: 'broken', reason: String(error?.stack ?? error) };
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
