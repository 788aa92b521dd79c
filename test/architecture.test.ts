/**
 * The house: which part of src may know which. Imports go downward through the layers, or stay in their part. Types count too, since a
 * type that is imported is knowledge; only for cycles they don't, since the compiler erases them and a Future and its Reactions have to
 * name each other.
 */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cycles, type Import, loadedBy, readImports } from './support/imports.js';

/** From the door down to the ground. Parts of one layer may know each other. */
const layers: readonly (readonly string[])[] = [
  ['index'],
  ['executor', 'options'],
  ['operators', 'combinators'],
  ['task'],
  ['future', 'stream'],
  ['scheduling'],
  ['backend'],
  ['protocol'],
  ['errors', 'timers', 'time', 'context', 'check', 'trace', 'words'],
];

/** What stands beside the layers: the other side of the wall, and doors that the core never opens. What each may know, itself aside. */
const beside: Readonly<Record<string, readonly string[]>> = {
  worker: ['protocol', 'errors', 'time'],
  // The door of 'rx-futures/worker'.
  'worker.ts': ['worker', 'protocol', 'errors', 'time'],
  testing: ['backend/inline'],
  terminal: ['operators', 'future', 'timers', 'time', 'check'],
  // A backend, and at its other end an executor: it has both sides of the wall that is Redis.
  bullmq: ['backend', 'task', 'scheduling', 'future', 'protocol', 'options', 'errors', 'timers', 'time', 'check'],
  cli: ['bullmq', 'check'],
};

/** More than a layer may know: it plays both sides of the wall on one thread. */
const exceptions: Readonly<Record<string, readonly string[]>> = {
  'backend/inline/inline.ts': ['worker'],
};

const packages = ['rxjs', 'tinypool'];

/** What is loaded only when it is needed. */
const optional: Readonly<Record<string, readonly string[]>> = {
  'worker/load-module.ts': ['tsx/esm/api'],
  'terminal/bars.ts': ['cli-progress'],
  bullmq: ['bullmq', 'ioredis'],
};
const graph = readImports();

describe('the layers', () => {
  it('have a place for every file', () => {
    expect([...graph.keys()].filter((file) => levelOf(file) === -1 && !(partOf(file) in beside))).toEqual([]);
    expect(graph.size).toBeGreaterThan(40);
  });

  it('are known only from above', () => {
    const upward = edges(({ from, to }) => {
      const [above, below] = [levelOf(from), levelOf(to)];
      return above !== -1 && below !== -1 && below < above;
    });
    expect(upward).toEqual([]);
  });

  it('know nothing of the worker’s side, except where one thread plays both', () => {
    const across = edges(({ from, to }) => {
      if (levelOf(from) === -1 || !(partOf(to) in beside)) return false;
      return !exceptions[from]?.includes(partOf(to));
    });
    expect(across).toEqual([]);
  });

  it('are not needed by what stands beside them, except what it is given here', () => {
    const strange = edges(({ from, to }) => {
      const own = partOf(from);
      const allowed = beside[own];
      if (allowed === undefined || !graph.has(to) || partOf(to) === own) return false;
      return !allowed.some((part) => to === `${part}.ts` || to.startsWith(`${part}/`));
    });
    expect(strange).toEqual([]);
  });

  it('import files that are there', () => {
    const missing = edges(({ to }) => to.endsWith('.ts') && !graph.has(to));
    expect(missing).toEqual([]);
  });
});

describe('the imports', () => {
  it('make no cycle at run time', () => {
    expect(cycles(graph)).toEqual([]);
  });

  it('load nothing but rxjs, tinypool and what Node has, and optional packages where they are there', () => {
    const others = edges(({ from, to }) => {
      if (graph.has(to) || to.startsWith('node:') || packages.includes(to)) return false;
      return ![optional[from], optional[partOf(from)]].some((known) => known?.includes(to));
    });
    expect(others).toEqual([]);
  });

  it('never bring the terminal or a queue to who does not ask for it', () => {
    const loaded = [...loadedBy(graph, 'index.ts')];
    expect(loaded.filter((file) => ['terminal', 'bullmq'].includes(partOf(file)))).toEqual([]);
  });

  it('keep tinypool in the one backend that is made of it', () => {
    const users = edges(({ to }) => to === 'tinypool').map((edge) =>
      edge.split(' → ')[0]!.split('/').slice(0, 2).join('/'),
    );
    expect(new Set(users)).toEqual(new Set([users[0]]));
    expect(users[0]).toMatch(/^backend\//);
  });

  it.each(['worker/entry.ts', 'worker.ts'])('never bring rxjs or the main side to a worker, by way of %s', (entry) => {
    const loaded = [...loadedBy(graph, entry)];
    expect(loaded).toContain(entry);
    expect(loaded.filter((file) => packages.includes(file))).toEqual([]);
    const parts = new Set(loaded.filter((file) => graph.has(file)).map(partOf));
    expect(
      [...parts].filter((part) => !['worker', 'worker.ts', 'protocol', 'errors', 'time', 'words'].includes(part)),
    ).toEqual([]);
  });
});

describe('the test of the architecture', () => {
  it('finds a cycle where there is one, and not where it is one of types', () => {
    const link = (to: string, isTypeOnly = false): Import => ({ to, isTypeOnly });
    const round = new Map([['a', [link('b')]], ['b', [link('c')]], ['c', [link('b')]]]); // biome-ignore format: a drawing
    expect(cycles(round)).toEqual(['b → c → b']);
    expect(cycles(new Map([['a', [link('b', true)]], ['b', [link('a')]]]))).toEqual([]); // biome-ignore format: a drawing
  });

  it('sees type imports for what they are', () => {
    const imports = graph.get('future/reaction.ts')!;
    expect(imports).toContainEqual({ to: 'future/future.ts', isTypeOnly: true });
    expect(graph.get('future/deferred.ts')).toContainEqual({ to: 'future/future.ts', isTypeOnly: false });
    expect(existsSync(new URL('../src/future/deferred.ts', import.meta.url))).toBe(true);
  });
});

/** The part of the house that a file is in: its folder, or itself where it stands alone. */
function partOf(file: string): string {
  if (file === 'worker.ts') return file;
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : file.replace(/\.ts$/, '');
}

function levelOf(file: string): number {
  return layers.findIndex((layer) => layer.includes(partOf(file)));
}

/** Imports of which `isWrong` is true, as `from → to`. */
function edges(isWrong: (edge: { from: string; to: string }) => boolean): string[] {
  return [...graph].flatMap(([from, imports]) =>
    imports.filter(({ to }) => isWrong({ from, to })).map(({ to }) => `${from} → ${to}`),
  );
}
