// Writes state tests in the form of EEST, of what Prague and Osaka have brought: each post has the root of the state, the hash of the logs and the signed transaction as
// @ethereumjs/vm (10.1.3) and @noble/curves make them; Coffer has no part in it. Where a transaction is to be invalid, the peer must refuse it, too, or this ends.
//
//   node evm/fuzz/fixtures.mjs evm-vectors/src/test/resources/state-tests/peer
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { createBlock } from '@ethereumjs/block';
import { Common, Mainnet } from '@ethereumjs/common';
import { RLP } from '@ethereumjs/rlp';
import { createTx } from '@ethereumjs/tx';
import { Account, bytesToHex, createAddressFromPrivateKey, createAddressFromString, eoaCode7702AuthorizationListBytesItemToJSON, eoaCode7702SignAuthorization,
  hexToBytes, setLengthLeft, unpadBytes } from '@ethereumjs/util';
import { MerkleStateManager } from '@ethereumjs/statemanager';
import { createVM, runTx } from '@ethereumjs/vm';
import { bls12_381 as bls } from '@noble/curves/bls12-381.js';
import { p256 } from '@noble/curves/nist.js';
import { keccak_256 } from '@noble/hashes/sha3.js';

const ZERO = { hash: () => new Uint8Array(32) };
const BLOCKCHAIN = { getBlock: async () => ZERO, putBlock: async () => {}, shallowCopy() { return this; } };
const SECRET = '0x45a915e4d060149eb4365960e6a7a45f334393093061116b197e3240065ff2d8';
const SENDER = createAddressFromPrivateKey(hexToBytes(SECRET)).toString();
const KEYS = [1, 2, 3].map((n) => '0x' + String(n).padStart(64, '0'));           // who signs authorizations
const SIGNERS = KEYS.map((key) => createAddressFromPrivateKey(hexToBytes(key)).toString());
const PROBE = '0x00000000000000000000000000000000000c0de0';
const RICH = '0x3635c9adc5dea00000';
const at = (n) => '0x' + n.toString(16).padStart(40, '0');
const word = (n) => BigInt(n).toString(16).padStart(64, '0');
const hex = (n) => '0x' + BigInt(n).toString(16);
const even = (n) => { const digits = BigInt(n).toString(16); return '0x' + (digits.length % 2 ? '0' : '') + digits; };
const push = (address) => '73' + address.slice(2);

const SCHEDULE = { target: '0x06', max: '0x09', baseFeeUpdateFraction: '0x4c6964' };
const ENV = { currentCoinbase: '0x2adc25665018aa1fe0e6bc666dac8fc2697ff9ba', currentGasLimit: '0x07270e00', currentNumber: '0x01', currentTimestamp: '0x03e8',
  currentDifficulty: '0x00', currentBaseFee: '0x07', currentRandom: '0x' + '0'.repeat(63) + '1', currentExcessBlobGas: '0x00' };

// --- running ----------------------------------------------------------------------------------------------------------

function rules(fork) {
  const kzg = { blobToKzgCommitment() {}, computeBlobProof() {}, verifyProof() { return false; }, verifyBlobProofBatch() { return false; } };
  return new Common({ chain: Mainnet, hardfork: fork.toLowerCase(), customCrypto: { kzg } });
}

async function world(common, pre) {
  const state = new MerkleStateManager({ common });
  for (const [text, account] of Object.entries(pre)) {
    const address = createAddressFromString(text);
    await state.putAccount(address, new Account(BigInt(account.nonce), BigInt(account.balance)));
    if (account.code !== '0x') await state.putCode(address, hexToBytes(account.code));
    for (const [key, value] of Object.entries(account.storage)) {
      await state.putStorage(address, setLengthLeft(hexToBytes(key), 32), unpadBytes(setLengthLeft(hexToBytes(value), 32)));
    }
  }
  return state;
}

function signed(common, t, index) {
  const data = { nonce: t.nonce, gasLimit: t.gasLimit[index.gas], to: t.to === '' ? undefined : t.to, value: t.value[index.value], data: t.data[index.data], chainId: 1 };
  let type = 0;
  if (t.maxFeePerGas) {
    Object.assign(data, { maxFeePerGas: t.maxFeePerGas, maxPriorityFeePerGas: t.maxPriorityFeePerGas, accessList: t.accessLists?.[index.data] ?? [] });
    type = 2;
  } else {
    data.gasPrice = t.gasPrice;
  }
  if (t.blobVersionedHashes) {
    Object.assign(data, { blobVersionedHashes: t.blobVersionedHashes, maxFeePerBlobGas: t.maxFeePerBlobGas });
    type = 3;
  }
  if (t.authorizationList) {
    data.authorizationList = t.authorizationList.map(({ chainId, address, nonce, yParity, r, s }) => ({ chainId, address, nonce, yParity, r, s }));
    type = 4;
  }
  return createTx({ type, ...data }, { common, freeze: false }).sign(hexToBytes(SECRET));
}

const root = async (state) => { await state.flush?.(); return bytesToHex(await state.getStateRoot()); };

async function post(fork, test, index, exception) {
  const common = rules(fork);
  const state = await world(common, test.pre);
  const before = await root(state);
  const vm = await createVM({ common, stateManager: state, blockchain: BLOCKCHAIN });
  const header = { number: ENV.currentNumber, timestamp: ENV.currentTimestamp, gasLimit: ENV.currentGasLimit, coinbase: ENV.currentCoinbase, mixHash: ENV.currentRandom,
    difficulty: 0n, baseFeePerGas: ENV.currentBaseFee, excessBlobGas: 0n, blobGasUsed: 0n, parentBeaconBlockRoot: new Uint8Array(32) };
  const block = createBlock({ header }, { common, skipConsensusFormatValidation: true, freeze: false });
  let logs = [];
  let txbytes;
  let refused = null;
  try {
    const tx = signed(common, test.transaction, index);
    txbytes = bytesToHex(tx.serialize());
    const result = await runTx(vm, { tx, block, skipHardForkValidation: true });
    if (!result.execResult.exceptionError) logs = result.execResult.logs ?? [];
    else if (test.succeeds) throw new Error(`${test.name}: ${result.execResult.exceptionError.error}`);
  } catch (error) {
    if (!exception) throw error;
    refused = error;
  }
  if (exception && !refused) throw new Error(`${test.name}: ${fork} executes what should be ${exception}`);
  const hash = exception ? before : await root(state);
  return { hash, logs: bytesToHex(keccak_256(RLP.encode(logs))), ...(txbytes ? { txbytes } : {}), indexes: index, ...(exception ? { expectException: exception } : {}) };
}

const tests = {};
async function add(name, forks, pre, transaction, { exceptions = {}, succeeds = false } = {}) {
  const t = { nonce: '0x00', gasPrice: '0x0a', gasLimit: ['0x0f4240'], to: PROBE, value: ['0x00'], data: ['0x'], ...transaction, secretKey: SECRET, sender: SENDER };
  if (t.maxFeePerGas) delete t.gasPrice;
  const all = { [SENDER]: { nonce: '0x00', balance: RICH, code: '0x', storage: {} } };
  for (const [address, account] of Object.entries(pre)) all[address] = { nonce: '0x01', balance: '0x00', code: '0x', storage: {}, ...account };
  const test = { name, pre: all, transaction: t, succeeds };
  const posts = {};
  for (const fork of forks) {
    posts[fork] = [];
    for (let data = 0; data < t.data.length; data++) {
      for (let gas = 0; gas < t.gasLimit.length; gas++) {
        for (let value = 0; value < t.value.length; value++) {
          const exception = exceptions[`${fork}/${data}/${gas}/${value}`] ?? exceptions[`${data}/${gas}/${value}`] ?? exceptions[fork];
          posts[fork].push(await post(fork, test, { data, gas, value }, exception));
        }
      }
    }
  }
  tests[name] = { env: ENV, pre: all, transaction: t, post: posts, config: { chainid: '0x01', blobSchedule: { Cancun: { target: '0x03', max: '0x06',
    baseFeeUpdateFraction: '0x32f0ed' }, Prague: SCHEDULE, Osaka: SCHEDULE } }, _info: { 'fixture-format': 'state_test', 'filling-tool': '@ethereumjs/vm 10.1.3' } };
}

function write(folder, file) {
  const lines = Object.entries(tests).map(([name, test]) => JSON.stringify(name) + ':' + JSON.stringify(test));      // a test a line
  writeFileSync(`${folder}/${file}`, gzipSync('{' + lines.join(',\n') + '}\n', { level: 9 }));
  const cases = Object.values(tests).flatMap((test) => Object.values(test.post)).reduce((n, posts) => n + posts.length, 0);
  console.log(`${file}: ${Object.keys(tests).length} tests, ${cases} cases`);
  for (const name of Object.keys(tests)) delete tests[name];
}

// Calls an address with the data of the transaction; keeps whether it succeeded, gas, length and hash of the answer.
const probe = (address) => ({ [PROBE]: { code: '0x365f5f37' + '5a' + '5f5f365f5f' + push(address) + '5af1' + '5a' + '91' + '6001015f55' + '9003600155' + '3d600255'
  + '3d5f5f3e' + '3d5f20600355' + '00' } });

// --- the tests --------------------------------------------------------------------------------------------------------

const folder = process.argv[2];
const BOTH = ['Prague', 'Osaka'];

const authorization = (key, address, nonce, chainId = 1) => {
  const item = eoaCode7702AuthorizationListBytesItemToJSON(eoaCode7702SignAuthorization({ chainId: even(chainId), address, nonce: nonce === 0 ? '0x' : even(nonce) }, hexToBytes(KEYS[key])));
  return Object.fromEntries([...Object.entries(item).map(([name, value]) => [name, value === '0x' ? '0x00' : value]), ['v', item.yParity === '0x' ? '0x00' : item.yParity],
    ['signer', SIGNERS[key]]]);
};
const STORES = { code: '0x305f55' + '33600155' + '34600255' + '3660035500' };                    // who, by whom, value, length
const CALLS = (address) => '5f5f5f5f5f' + push(address) + '5af1';
const SEES = (address) => push(address) + '3b5f55' + push(address) + '3f600155' + '60205f5f' + push(address) + '3c5f51600255' + push(address) + '31600355';
const fees = { maxFeePerGas: '0x0a', maxPriorityFeePerGas: '0x01' };
const delegated = (address) => '0xef0100' + address.slice(2);
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

async function delegations() {
  const set = (name, list, more = {}, pre = {}) => add(`prague/eip7702_set_code_tx/${name}`, BOTH, { [at(0xdd)]: STORES, ...pre },
    { ...fees, to: SIGNERS[0], value: ['0x05'], data: ['0x1122'], authorizationList: list, ...more });
  await set('delegates_and_is_called', [authorization(0, at(0xdd), 0)]);
  await set('of_any_chain', [authorization(0, at(0xdd), 0, 0)]);
  await set('of_another_chain', [authorization(0, at(0xdd), 0, 2)]);
  await set('nonce_too_high', [authorization(0, at(0xdd), 1)]);
  await set('account_with_a_nonce', [authorization(0, at(0xdd), 4)], {}, { [SIGNERS[0]]: { nonce: '0x04', balance: '0x07' } });
  await set('nonce_too_low', [authorization(0, at(0xdd), 3)], {}, { [SIGNERS[0]]: { nonce: '0x04', balance: '0x07' } });
  await set('the_last_counts', [authorization(0, at(0xdd), 0), authorization(0, at(0xee), 1), authorization(0, at(0xff), 1)], {}, { [at(0xee)]: { code: '0x60075f5500' } });
  await set('cleared_again', [authorization(0, at(0), 0)], {}, { [SIGNERS[0]]: { nonce: '0x00', code: delegated(at(0xdd)) } });
  await set('of_a_contract', [authorization(0, at(0xdd), 1)], {}, { [SIGNERS[0]]: { code: '0x60075f5500' } });
  await set('another_delegate', [authorization(0, at(0xee), 3)], {}, { [SIGNERS[0]]: { nonce: '0x03', code: delegated(at(0xdd)), storage: { '0x00': '0x09' } },
    [at(0xee)]: { code: '0x5f5f5500' } });
  await set('to_itself', [authorization(0, SIGNERS[0], 0)]);
  await set('in_a_ring', [authorization(0, SIGNERS[1], 0), authorization(1, SIGNERS[0], 0)]);
  await set('to_a_precompile', [authorization(0, at(4), 0)]);
  await set('to_nobody', [authorization(0, at(0xabcdef), 0)]);
  await set('code_that_fails', [authorization(0, at(0xee), 0)], {}, { [at(0xee)]: { code: '0x60075f555f5ffd' } });
  const high = authorization(0, at(0xdd), 0);
  await set('s_too_high', [{ ...high, s: '0x' + word(N - BigInt(high.s)), yParity: high.yParity === '0x01' ? '0x00' : '0x01' }]);
  await set('no_such_key', [{ ...high, r: '0x' + word(5) }]);
  for (const [name, code] of Object.entries({ call: CALLS(SIGNERS[0]) + '5f5500', delegatecall: '5f5f5f5f' + push(SIGNERS[0]) + '5af45f5500',
    staticcall: '5f5f5f5f' + push(SIGNERS[0]) + '5afa5f5500', callcode: '5f5f5f5f5f' + push(SIGNERS[0]) + '5af25f5500', looks: SEES(SIGNERS[0]) + '00',
    calls_twice: CALLS(SIGNERS[0]) + '5f55' + '5a' + CALLS(SIGNERS[0]) + '505a9003600155' + '00' })) {
    await set(`${name}_of_one_that_delegates`, [authorization(1, at(0xdd), 0)], { to: PROBE, gasLimit: ['0x0f4240', '0x010000'] },
      { [PROBE]: { code: '0x' + code }, [SIGNERS[0]]: { nonce: '0x01', code: delegated(at(0xdd)) } });
  }
}

async function invalid() {
  const pre = { [at(0xdd)]: STORES };
  const gas = 21000 + 25000 + 2 * 16;
  const list = [authorization(0, at(0xdd), 0)];
  await add('prague/eip7702_set_code_tx/intrinsic_gas', BOTH, pre, { ...fees, to: at(0xdd), data: ['0x1122'], gasLimit: [hex(gas), hex(gas - 1)], authorizationList: list },
    { exceptions: { '0/1/0': 'TransactionException.INTRINSIC_GAS_TOO_LOW' } });
  await add('prague/eip7702_set_code_tx/no_list', BOTH, pre, { ...fees, to: at(0xdd), authorizationList: [] }, { exceptions: { Prague: 'TransactionException.TYPE_4_EMPTY_AUTHORIZATION_LIST',
    Osaka: 'TransactionException.TYPE_4_EMPTY_AUTHORIZATION_LIST' } });
  await add('prague/eip7702_set_code_tx/before_its_fork', ['Cancun'], pre, { ...fees, to: at(0xdd), authorizationList: list }, { exceptions: { Cancun: 'TransactionException.TYPE_4_TX_PRE_FORK' } });
  // EIP-7623: 100 bytes, of which 50 are zero, cost 21,000 + 10 * (50 + 4 * 50) at the least.
  const data = '0x' + '00'.repeat(50) + 'ff'.repeat(50);
  const floor = 21000 + 10 * (50 + 4 * 50);
  await add('prague/eip7623_increase_calldata_cost/floor', BOTH, { [at(0xdd)]: { code: '0x5f5f5500', storage: { '0x00': '0x01' } } },
    { to: at(0xdd), data: [data, '0x' + '00'.repeat(1000), '0x' + 'ff'.repeat(1000)], gasLimit: [hex(floor), hex(floor - 1), '0x0186a0'] },
    { exceptions: Object.fromEntries([...BOTH.map((fork) => [`${fork}/0/1/0`, 'TransactionException.INTRINSIC_GAS_BELOW_FLOOR_GAS_COST']),
      ...[0, 1].flatMap((g) => [[`1/${g}/0`, 'TransactionException.INTRINSIC_GAS_TOO_LOW|TransactionException.INTRINSIC_GAS_BELOW_FLOOR_GAS_COST'],
        [`2/${g}/0`, 'TransactionException.INTRINSIC_GAS_TOO_LOW|TransactionException.INTRINSIC_GAS_BELOW_FLOOR_GAS_COST']])]) });
  await add('prague/eip7623_increase_calldata_cost/creation', BOTH, {}, { to: '', data: ['0x' + '5b'.repeat(2000) + '00', '0x' + '00'.repeat(1500)], gasLimit: ['0x030d40'] });
  await add('osaka/eip7825_transaction_gas_limit_cap/cap', BOTH, { [at(0xdd)]: STORES }, { to: at(0xdd), gasLimit: [hex(1 << 24), hex((1 << 24) + 1)] },
    { exceptions: { 'Osaka/0/1/0': 'TransactionException.GAS_LIMIT_EXCEEDS_MAXIMUM' } });
  const blob = '0x01' + '0'.repeat(61) + '1';
  for (const [count, exceptions] of [[6, {}], [7, { Osaka: 'TransactionException.TYPE_3_TX_BLOB_COUNT_EXCEEDED' }], [9, { Osaka: 'TransactionException.TYPE_3_TX_BLOB_COUNT_EXCEEDED' }],
    [10, { Prague: 'TransactionException.TYPE_3_TX_BLOB_COUNT_EXCEEDED|TransactionException.TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED',
      Osaka: 'TransactionException.TYPE_3_TX_BLOB_COUNT_EXCEEDED|TransactionException.TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED' }]]) {
    await add(`osaka/eip7594_peerdas/${count}_blobs`, BOTH, { [at(0xdd)]: { code: '0x5f495f55600a4960015500' } },
      { ...fees, to: at(0xdd), blobVersionedHashes: Array(count).fill(blob), maxFeePerBlobGas: '0x64' }, { exceptions });
  }
}

async function instructions() {
  // CLZ, by the table of EIP-7939, and below it.
  const words = [0n, 1n, 2n, 3n, 1n << 64n, (1n << 128n) - 1n, 1n << 247n, 1n << 254n, 1n << 255n, (1n << 255n) - 1n, (1n << 256n) - 1n];
  const code = '0x' + words.map((w, i) => '7f' + word(w) + '1e' + '60' + (i + 1).toString(16).padStart(2, '0') + '55').join('') + '00';
  await add('osaka/eip7939_count_leading_zeros/table', BOTH, { [PROBE]: { code } }, {});
  await add('osaka/eip7939_count_leading_zeros/gas_and_stack', BOTH, { [PROBE]: { code: '0x5a60011e505a9003' + '5f55' + '60006000' + CALLS(at(0xee)) + '60015500' }, [at(0xee)]: { code: '0x1e00' } }, {});
}

async function contracts() {
  const system = '3373fffffffffffffffffffffffffffffffffffffffe14';
  const history = '0x' + system + '604657602036036042575f35600143038111604257611fff81430311604257611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500';
  const roots = '0x' + system + '604d57602036146024575f5ffd5b5f35801560495762001fff810690815414603c575f5ffd5b62001fff01545f5260205ff35b5f5ffd5b62001fff42064281555f359062001fff015500';
  const HISTORY = '0x0000f90827f1c53a10cb7a02335b175320002935';
  const ROOTS = '0x000f3df6d732807ef1319fb7b8bb8522d0beac02';
  await add('prague/eip2935_historical_block_hashes_from_state/reads', BOTH, { ...probe(HISTORY), [HISTORY]: { code: history, storage: { '0x00': '0x1234' } } },
    { data: ['0x' + word(0), '0x' + word(1), '0x' + word(8192), '0x00', '0x' + 'ff'.repeat(32)] });
  await add('cancun/eip4788_beacon_root/reads', BOTH, { ...probe(ROOTS), [ROOTS]: { code: roots, storage: { '0x03e8': '0x03e8', [hex(0x3e8 + 8191)]: '0xabcd' } } },
    { data: ['0x' + word(0x3e8), '0x' + word(0x3e9), '0x' + word(0), '0x'] });
  const pays = (value) => ({ value: [hex(value)], data: ['0x' + '11'.repeat(48) + '0000000000000007', '0x' + '11'.repeat(48), '0x'] });
  const withdrawals = WITHDRAWALS_CODE;
  const W = '0x00000961ef480eb55e80d19ad83579a64c007002';
  for (const [name, storage] of Object.entries({ fee_1: {}, fee_2: { '0x00': '0x0d' }, queue: { '0x01': '0x02', '0x02': '0x01', '0x03': '0x05' }, inhibited: { '0x00': '0x' + 'ff'.repeat(32) } })) {
    await add(`prague/eip7002_el_triggerable_withdrawals/${name}`, BOTH, { [W]: { code: withdrawals, storage } }, { to: W, ...pays(1) });
    const C = '0x0000bbddc7ce488642fb579f8b00f3a590007251';
    await add(`prague/eip7251_consolidations/${name}`, BOTH, { [C]: { code: CONSOLIDATIONS_CODE, storage } },
      { to: C, value: ['0x02'], data: ['0x' + '11'.repeat(48) + '22'.repeat(48), '0x' + '11'.repeat(95), '0x'] });
  }
}

const most = '7f' + 'ff'.repeat(32);
const series = '57600182026001905f5b5f82111560685781019083028483029004916001019190604d565b9093900492505050366';
const WITHDRAWALS_CODE = '0x3373fffffffffffffffffffffffffffffffffffffffe1460cb5760115f5480' + most + '146101f4' + series
  + '03814608857366101f457346101f4575f5260205ff35b34106101f457600154600101600155600354806003026004013381556001015f35815560010160203590553360601b5f5260385f601437604c5fa060010160'
  + '0355005b6003546002548082038060101160df575060105b5f5b8181146101835782810160030260040181604c02815460601b8152601401816001015481526020019060020154807fffffffffffffffffffffffffff'
  + 'ffffff00000000000000000000000000000000168252906010019060401c908160381c81600701538160301c81600601538160281c81600501538160201c81600401538160181c81600301538160101c816002015381'
  + '60081c81600101535360010160e1565b910180921461019557906002556101a0565b90505f6002555f6003555b5f5480' + most
  + '14156101cd57505f5b6001546002828201116101e25750505f6101e8565b01600290035b5f555f600155604c025ff35b5f5ffd';
const CONSOLIDATIONS_CODE = '0x3373fffffffffffffffffffffffffffffffffffffffe1460d35760115f5480' + most + '1461019a' + series
  + '060146088573661019a573461019a575f5260205ff35b341061019a57600154600101600155600354806004026004013381556001015f358155600101602035815560010160403590553360601b5f5260605f601437'
  + '60745fa0600101600355005b6003546002548082038060021160e7575060025b5f5b8181146101295782810160040260040181607402815460601b8152601401816001015481526020018160020154815260200190'
  + '60030154905260010160e9565b910180921461013b5790600255610146565b90505f6002555f6003555b5f5480' + most
  + '141561017357505f5b6001546001828201116101885750505f61018e565b01600190035b5f555f6001556074025ff35b5f5ffd';

async function p256Verify() {
  const digest = keccak_256(new TextEncoder().encode('coffer'));
  const secret = hexToBytes('0x' + word(0xc0ffe4));
  const key = bytesToHex(p256.getPublicKey(secret, false)).slice(4);
  const sig = bytesToHex(p256.sign(digest, secret, { prehash: false, format: 'compact', lowS: false })).slice(2);
  const d = bytesToHex(digest).slice(2);
  const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const r = sig.slice(0, 64);
  const s = BigInt('0x' + sig.slice(64));
  const inputs = [d + sig + key, d + r + word(n - s) + key, d + r + word(0) + key, d + word(0) + word(s) + key, d + word(n) + word(s) + key, d + r + word(n) + key,
    d + sig + key.slice(0, 126) + '00', d + sig + '00'.repeat(64), word(0) + sig + key, d + sig + key + '00', d + sig + key.slice(2), ''];
  await add('osaka/eip7951_p256verify_precompiles/signatures', BOTH, probe(at(0x100)), { data: inputs.map((input) => '0x' + input) });
}

async function modexp() {
  const input = (b, e, m) => '0x' + word(b.length / 2) + word(e.length / 2) + word(m.length / 2) + b + e + m;
  const p = (1n << 256n) - (1n << 32n) - 977n;
  const inputs = [input('03', word(p - 1n), word(p)), input('', word(p - 1n), word(p)), input('ff'.repeat(32), 'ff'.repeat(33), 'ff'.repeat(31) + 'fd'), input('ff'.repeat(33), 'ff'.repeat(64), 'ff'.repeat(65)),
    input('02', '00', '05'), input('02', '01', '00'), input('aa'.repeat(200), '0123', 'ff'.repeat(200)), input('03', '', 'ff'.repeat(1024)), input('', '', ''),
    '0x' + word(1025) + word(0) + word(1), '0x' + word(0) + word(1025) + word(0), '0x' + word(0) + word(0) + word(1025), '0x' + word(1024) + word(1) + word(1), '0x' + 'ff'.repeat(96)];
  await add('osaka/eip7883_modexp_gas_increase/prices', BOTH, probe(at(5)), { data: inputs, gasLimit: ['0x0f4240'] });
}

// EIP-2537: numbers of 64 bytes, G2's with the real part first.
const fp = (n) => BigInt(n).toString(16).padStart(128, '0');
const g1 = (p) => { if (p.is0()) return fp(0) + fp(0); const { x, y } = p.toAffine(); return fp(x) + fp(y); };
const g2 = (p) => { if (p.is0()) return fp(0).repeat(4); const { x, y } = p.toAffine(); return fp(x.c0) + fp(x.c1) + fp(y.c0) + fp(y.c1); };

async function curve() {
  const G = bls.G1.Point.BASE;
  const H = bls.G2.Point.BASE;
  const O1 = bls.G1.Point.ZERO;
  const O2 = bls.G2.Point.ZERO;
  const q = bls.fields.Fr.ORDER;
  const P = bls.fields.Fp.ORDER;
  const times = (p, n) => p.multiply(BigInt(n));
  const all = {
    g1add: [0x0b, [g1(G) + g1(times(G, 2)), g1(G) + g1(G), g1(G) + g1(G.negate()), g1(O1) + g1(G), g1(O1) + g1(O1), g1(G) + fp(1) + fp(1), g1(G) + fp(P) + fp(0), g1(G), '']],
    g1msm: [0x0c, [g1(G) + word(2), g1(G) + word(2) + g1(times(G, 3)) + word(5), g1(G) + word(q), g1(G) + 'ff'.repeat(32), g1(O1) + word(7), Array.from({ length: 9 }, (_, i) => g1(times(G, i + 1)) + word(i * i)).join(''),
      fp(4) + fp(0x0a989badd40d6212b33cffc3f3763e9bc760f988c9926b26da9dd85e928483446346b8ed00e1de5d5ea93e354abe706cn) + word(1), '']],
    g2add: [0x0d, [g2(H) + g2(times(H, 2)), g2(H) + g2(H), g2(H) + g2(H.negate()), g2(O2) + g2(H), g2(H) + fp(1).repeat(4), g2(H)]],
    g2msm: [0x0e, [g2(H) + word(2), g2(H) + word(2) + g2(times(H, 3)) + word(5), g2(H) + word(q - 1n), g2(O2) + word(7), '']],
    pairing: [0x0f, [g1(G) + g2(H), g1(G) + g2(H) + g1(G.negate()) + g2(H), g1(times(G, 6)) + g2(H) + g1(times(G, 2)) + g2(times(H, 3).negate()), g1(O1) + g2(H), g1(G) + g2(O2), g1(G) + g2(H) + '00', '']],
    map_fp_to_g1: [0x10, [fp(0), fp(1), fp(11), fp(P - 1n), fp(P), fp(1).slice(2)]],
    map_fp2_to_g2: [0x11, [fp(0) + fp(0), fp(1) + fp(0), fp(0) + fp(1), fp(P - 1n) + fp(11), fp(P) + fp(0), fp(1)]],
  };
  for (const [name, [address, inputs]] of Object.entries(all)) {
    await add(`prague/eip2537_bls_12_381_precompiles/${name}`, BOTH, probe(at(address)), { data: inputs.map((input) => '0x' + input), gasLimit: ['0x0f4240'] });
  }
}

await delegations();
await invalid();
await instructions();
await contracts();
await p256Verify();
write(folder, 'of-the-house.json.gz');
await modexp();
await curve();
write(folder, 'of-libraries.json.gz');
