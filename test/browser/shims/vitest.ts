/** The parts of Vitest that the conformance suite uses, in a browser. */
export { expect, vi } from '../../support/vitest-api.js';

export interface Test {
  readonly title: string;
  /** Path in the repository. */
  readonly file: string;
  /** The titles of the blocks around the test. */
  readonly blocks: readonly string[];
  readonly isSkipped: boolean;
  readonly run: () => unknown;
}

/** All tests, in their order. */
export const tests: Test[] = [];
/** The titles of the blocks around a test that is being defined. */
const around: string[] = [];
let finished: (() => unknown)[] = [];
let file = '';

/** Called before the tests of a file are defined. */
export function startFile(path: string): void {
  file = path;
}

export function describe(title: string, define: () => void): void {
  around.push(title);
  define();
  around.pop();
}

export function it(title: string, ...rest: unknown[]): void {
  add(title, false, rest);
}

it.skip = (title: string, ...rest: unknown[]): void => add(title, true, rest);

it.each =
  (table: readonly unknown[]) =>
  (title: string, ...rest: unknown[]): void => {
    const run = rest.findLast((part) => typeof part === 'function') as (...row: unknown[]) => unknown;
    for (const row of table) {
      const values = Array.isArray(row) ? row : [row];
      let next = 0;
      add(
        title.replace(/%[sdo]/g, () => String(values[next++])),
        false,
        [() => run(...values)],
      );
    }
  };

function add(title: string, isSkipped: boolean, rest: readonly unknown[]): void {
  const run = rest.findLast((part) => typeof part === 'function') as () => unknown;
  // The name of the backend says nothing here.
  const blocks = around.filter((block) => !block.startsWith('the web workers'));
  tests.push({ title: [...blocks, title].join(' > '), file, blocks: [...around], isSkipped, run });
}

describe.concurrent = describe;

describe.each =
  (table: readonly unknown[]) =>
  (title: string, define: (...row: unknown[]) => void): void => {
    for (const row of table) {
      const values = Array.isArray(row) ? row : [row];
      let next = 0;
      describe(
        title.replace(/%[sdo]/g, () => String(values[next++])),
        () => define(...values),
      );
    }
  };

interface Hook {
  /** The titles of the blocks around the hook. */
  readonly blocks: readonly string[];
  readonly run: () => unknown;
}

const before: Hook[] = [];
const after: Hook[] = [];

export function beforeEach(run: () => unknown): void {
  before.push({ blocks: [...around], run });
}

/** Nothing has to be cleaned up when the page is closed. */
export function afterAll(_run: () => unknown): void {}

export function afterEach(run: () => unknown): void {
  after.push({ blocks: [...around], run });
}

/** Runs a test with its hooks. */
export async function runTest(test: Test): Promise<void> {
  const isAround = ({ blocks }: Hook) => blocks.every((block, i) => test.blocks[i] === block);
  try {
    for (const { run } of before.filter(isAround)) await run();
    await test.run();
  } finally {
    const callbacks = finished.reverse();
    finished = [];
    for (const run of callbacks) await run();
    for (const { run } of after.filter(isAround)) await run();
  }
}

export { it as test };

export function onTestFinished(callback: () => unknown): void {
  finished.push(callback);
}
