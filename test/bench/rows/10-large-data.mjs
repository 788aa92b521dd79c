// @ts-check
/** Row 10 measures round trips of 4 MB, one after another, transferred (`moved`) and cloned. */
import { expectEqual } from '../harness/checks.mjs';
import { openOurs } from '../peers/ours.mjs';
import { openPiscina } from '../peers/piscina.mjs';
import { openPoolifier } from '../peers/poolifier.mjs';
import { openTinypool } from '../peers/tinypool.mjs';
import { openWorkerpool } from '../peers/workerpool.mjs';

const SIZE = 4_000_000;
/**
 * A transfer takes a hundredth of the time of a clone, so a round has more transfers. V8 needs
 * about 1,000 of them to compile the code of a library.
 */
const MOVES_PER_CLONE = 25;

/**
 * @typedef {(bytes: Uint8Array) => PromiseLike<any>} Send resolves with the bytes or with their
 * buffer
 */

/**
 * @param {Send | undefined} moved
 * @param {Send} cloned
 * @returns {import('../harness/row.js').Measure}
 */
function measure(moved, cloned) {
  return async (count) => ({
    ...(moved !== undefined && { moved: await roundTrips(moved, count * MOVES_PER_CLONE) }),
    cloned: await roundTrips(cloned, count),
  });
}

/**
 * Returns the time of one round trip in us.
 *
 * @param {Send} send
 * @param {number} count
 */
async function roundTrips(send, count) {
  let bytes = new Uint8Array(SIZE);
  bytes[SIZE - 1] = 7;
  const started = performance.now();
  for (let i = 0; i < count; i++) {
    const answer = await send(bytes);
    bytes = answer instanceof Uint8Array ? answer : new Uint8Array(answer);
  }
  const ms = performance.now() - started;
  expectEqual(bytes.length, SIZE, 'length');
  expectEqual(bytes[SIZE - 1], 7, 'last byte');
  expectEqual(bytes[0], count % 256, 'marks of the task');
  return (ms * 1000) / count;
}

/** @type {import('../harness/row.js').Row} */
export default {
  number: 10,
  name: 'large-data',
  title: '4 MB Uint8Array there and back, transferred; and cloned',
  count: 40,
  warmUp: { count: 80, rounds: 1 },
  rounds: 9,
  metrics: { moved: { unit: 'us', over: 'median' }, cloned: { unit: 'us', over: 'median' } },
  contenders: {
    ours: {
      kind: 'ours',
      async open() {
        const { transfer } = await import('rx-futures');
        const { touch } = (await openOurs()).tasks;
        const mover = await openOurs({ tasks: new URL('../work/moving/ours.mjs', import.meta.url) });
        return measure(
          (bytes) => mover.submit(/** @type {any} */ ('move'), transfer(bytes)),
          (bytes) => touch(bytes),
        );
      },
    },
    tinypool: {
      kind: 'peer',
      setting: '`transferList` there, `Tinypool.move` back',
      async open() {
        const [mover, cloner] = [
          await openTinypool({ module: 'moving/tinypool', task: 'move' }),
          await openTinypool({ task: 'touch' }),
        ];
        return measure(
          (bytes) => mover.run(bytes, { transferList: [/** @type {any} */ (bytes.buffer)] }),
          (bytes) => cloner.run(bytes),
        );
      },
    },
    piscina: {
      kind: 'peer',
      setting: '`transferList` there, `move` back',
      async open() {
        const [mover, cloner] = [
          await openPiscina({ module: 'moving/piscina', task: 'move' }),
          await openPiscina({ task: 'touch' }),
        ];
        return measure(
          (bytes) => mover.run(bytes, { transferList: [/** @type {any} */ (bytes.buffer)] }),
          (bytes) => cloner.run(bytes),
        );
      },
    },
    workerpool: {
      kind: 'peer',
      setting: '`transfer` there, `Transfer` back',
      async open() {
        const pool = await openWorkerpool();
        return measure(
          (bytes) => pool.exec('move', [bytes], { transfer: [bytes.buffer] }),
          (bytes) => pool.exec('touch', [bytes]),
        );
      },
    },
    poolifier: {
      kind: 'peer',
      setting: 'can move arguments, but not results: cloned only',
      async open() {
        const pool = await openPoolifier({ inFlight: 1 });
        return measure(undefined, (bytes) => pool.execute(/** @type {any} */ (bytes), 'touch'));
      },
    },
  },
  bounds: [
    { metric: 'moved', within: 3.5, of: 'peers' },
    { metric: 'cloned', within: 1.6, of: 'peers' },
  ],
};
