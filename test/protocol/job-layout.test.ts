import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  argcOf,
  attemptOf,
  countJobs,
  endOfKeys,
  firstKeyOf,
  hasStandIns,
  highWaterMarkOf,
  idOf,
  isRoot,
  isStream,
  NO_UPSTREAM,
  nextJob,
  nextTree,
  slotOf,
  upstreamOf,
  writeJob,
} from '../../src/protocol/job-layout.js';
import type { Cells, HighWaterMark } from '../../src/protocol/messages.js';

interface WrittenJob {
  readonly slot: number;
  readonly upstream: number;
  readonly id: number;
  readonly attempt: number;
  readonly argc: number;
  readonly keys: readonly number[];
  readonly highWaterMark: HighWaterMark | undefined;
}

const count = fc.nat({ max: 2 ** 31 });

const job = fc.record({
  slot: count,
  upstream: fc.nat({ max: 255 }),
  id: fc.maxSafeNat(),
  attempt: count,
  argc: fc.nat({ max: 9 }),
  keys: fc.array(count, { minLength: 1, maxLength: 4 }),
  highWaterMark: fc.option(
    fc.record({
      values: fc.integer({ min: 1, max: 2 ** 31 }),
      bytes: fc.oneof(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), fc.constant(Number.POSITIVE_INFINITY)),
    }),
    { nil: undefined },
  ),
});

/** A root job and its dependents. */
const tree = fc
  .tuple(job, fc.array(job, { maxLength: 4 }))
  .map(([root, dependents]): WrittenJob[] => [{ ...root, upstream: NO_UPSTREAM }, ...dependents]);

it.each([
  ['a plain array', (cells: number[]) => cells],
  ['a typed array', (cells: number[]) => new Float64Array(cells)],
])('the readers return what was written, from %s', (_name, pack) => {
  fc.assert(
    fc.property(fc.array(tree), (trees) => {
      const cells: number[] = [];
      for (const jobs of trees) for (const job of jobs) write(cells, job);
      expect(readTrees(pack(cells))).toEqual(trees);
      expect(countJobs(pack(cells))).toBe(trees.flat().length);
    }),
  );
});

it('a negative number of arguments marks a job with stand-ins for arguments', () => {
  const cells: number[] = [];
  const job = { id: 5, attempt: 1, steps: [{ key: 1 }], highWaterMark: undefined };
  writeJob(cells, job, 0, NO_UPSTREAM, -4);
  writeJob(cells, job, 1, NO_UPSTREAM, 2);
  const next = nextJob(cells, 0);
  expect([hasStandIns(cells, 0), argcOf(cells, 0)]).toEqual([true, 4]);
  expect([hasStandIns(cells, next), argcOf(cells, next)]).toEqual([false, 2]);
});

function write(cells: number[], { slot, upstream, id, attempt, argc, keys, highWaterMark }: WrittenJob): void {
  writeJob(cells, { id, attempt, steps: keys.map((key) => ({ key })), highWaterMark }, slot, upstream, argc);
}

function readTrees(cells: Cells): WrittenJob[][] {
  const trees: WrittenJob[][] = [];
  for (let at = 0; at < cells.length; ) {
    expect(isRoot(cells, at)).toBe(true);
    const jobs: WrittenJob[] = [];
    for (const end = nextTree(cells, at); at < end; at = nextJob(cells, at)) jobs.push(read(cells, at));
    trees.push(jobs);
  }
  return trees;
}

function read(cells: Cells, at: number): WrittenJob {
  return {
    slot: slotOf(cells, at),
    upstream: upstreamOf(cells, at),
    id: idOf(cells, at),
    attempt: attemptOf(cells, at),
    argc: argcOf(cells, at),
    keys: [...cells.slice(firstKeyOf(at), endOfKeys(cells, at))],
    highWaterMark: isStream(cells, at) ? highWaterMarkOf(cells, at) : undefined,
  };
}
