/**
 * The architecture: which part of src may import which. Imports go downward through the layers or
 * stay in their part. Type imports count too, because a type that is imported is knowledge. Only
 * cycles of types are allowed, because the compiler erases types, and a Future and its Reactions
 * have to name each other.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cycles, type Import, loadedBy, readImports } from './support/imports.js';

/** The layers from top to bottom. Parts of one layer may import each other. */
const layers: readonly (readonly string[])[] = [
  ['index'],
  ['executor', 'submitter', 'options'],
  ['operators', 'combinators'],
  ['progress'],
  ['engine'],
  ['future', 'stream'],
  ['scheduling'],
  ['backends'],
  ['protocol'],
  ['util'],
  ['errors', 'platform'],
];

/**
 * Folders beside the layers: the worker's side, and entries that the core never imports. Each lists
 * the parts that it may import besides itself.
 */
const beside: Readonly<Record<string, readonly string[]>> = {
  worker: ['protocol', 'errors', 'platform'],
  // The entry 'rx-futures/worker'.
  'worker.ts': ['worker', 'protocol', 'errors', 'platform'],
  testing: ['backends/inline'],
  terminal: ['operators', 'progress', 'future', 'platform', 'util'],
  // The client half of a queue is a backend. The server half is an application of the engine.
  bullmq: ['backends', 'engine', 'scheduling', 'future', 'protocol', 'options', 'errors', 'platform', 'util'],
  cli: ['bullmq', 'util'],
};

/** The inline backend imports the worker's side, because it runs tasks on the caller's thread. */
const exceptions: Readonly<Record<string, readonly string[]>> = {
  'backends/inline/backend.ts': ['worker'],
};

const packages = ['rxjs', 'tinypool'];

/** Packages that are loaded only when they are needed. */
const optional: Readonly<Record<string, readonly string[]>> = {
  'worker/load-module.ts': ['tsx/esm/api'],
  'terminal/bars.ts': ['cli-progress'],
  bullmq: ['bullmq', 'ioredis'],
};
const graph = readImports();

describe('the layers', () => {
  it('every file belongs to a layer', () => {
    expect([...graph.keys()].filter((file) => levelOf(file) === -1 && !(partOf(file) in beside))).toEqual([]);
    expect(graph.size).toBeGreaterThan(40);
  });

  it('a layer is imported only from above', () => {
    const upward = edges(({ from, to }) => {
      const [above, below] = [levelOf(from), levelOf(to)];
      return above !== -1 && below !== -1 && below < above;
    });
    expect(upward).toEqual([]);
  });

  it('no layer imports the worker’s side, except the inline backend', () => {
    const across = edges(({ from, to }) => {
      if (levelOf(from) === -1 || !(partOf(to) in beside)) return false;
      return !exceptions[from]?.includes(partOf(to));
    });
    expect(across).toEqual([]);
  });

  it('a folder beside the layers imports only the parts that are listed here', () => {
    const strange = edges(({ from, to }) => {
      const own = partOf(from);
      const allowed = beside[own];
      if (allowed === undefined || !graph.has(to) || partOf(to) === own) return false;
      return !allowed.some((part) => to === `${part}.ts` || to.startsWith(`${part}/`));
    });
    expect(strange).toEqual([]);
  });

  it('every import names an existing file', () => {
    const missing = edges(({ to }) => to.endsWith('.ts') && !graph.has(to));
    expect(missing).toEqual([]);
  });
});

describe('the imports', () => {
  it('the imports make no cycle at run time', () => {
    expect(cycles(graph)).toEqual([]);
  });

  it('the library imports only rxjs, tinypool and Node, and loads optional packages on demand', () => {
    const others = edges(({ from, to }) => {
      if (graph.has(to) || to.startsWith('node:') || packages.includes(to)) return false;
      return ![optional[from], optional[partOf(from)]].some((known) => known?.includes(to));
    });
    expect(others).toEqual([]);
  });

  it('the main entry loads neither the terminal nor a queue', () => {
    const loaded = [...loadedBy(graph, 'index.ts')];
    expect(loaded.filter((file) => ['terminal', 'bullmq'].includes(partOf(file)))).toEqual([]);
  });

  it('the core asks a backend for its traits, and names no queue', () => {
    const core = [...graph.keys()].filter((file) => levelOf(file) !== -1);
    const naming = core.filter((file) => {
      const text = readFileSync(new URL(`../src/${file}`, import.meta.url), 'utf8');
      const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '').replace(/(['"`])(?:\\.|(?!\1)[^\\])*\1/g, '');
      return /bullmq|redis|isQueue/i.test(code);
    });
    expect(naming).toEqual([]);
  });

  it('each file of operators/ is an operator, which the main entry exports', () => {
    const exported = graph.get('index.ts')!.map(({ to }) => to);
    const files = [...graph.keys()].filter((file) => partOf(file) === 'operators');
    expect(files.filter((file) => !exported.includes(file))).toEqual([]);
  });

  it('only one backend imports tinypool', () => {
    const users = edges(({ to }) => to === 'tinypool').map((edge) =>
      edge.split(' → ')[0]!.split('/').slice(0, 2).join('/'),
    );
    expect(new Set(users)).toEqual(new Set([users[0]]));
    expect(users[0]).toMatch(/^backends\//);
  });

  it.each(['worker/entry.ts', 'worker.ts'])(
    'a worker loads neither rxjs nor the main thread’s side through %s',
    (entry) => {
      const loaded = [...loadedBy(graph, entry)];
      expect(loaded).toContain(entry);
      expect(loaded.filter((file) => packages.includes(file))).toEqual([]);
      const parts = new Set(loaded.filter((file) => graph.has(file)).map(partOf));
      expect(
        [...parts].filter((part) => !['worker', 'worker.ts', 'protocol', 'errors', 'platform', 'util'].includes(part)),
      ).toEqual([]);
    },
  );
});

describe('the test of the architecture', () => {
  it('the test finds a cycle of imports and ignores a cycle of types', () => {
    const link = (to: string, isTypeOnly = false): Import => ({ to, isTypeOnly });
    const round = new Map([['a', [link('b')]], ['b', [link('c')]], ['c', [link('b')]]]); // biome-ignore format: a drawing
    expect(cycles(round)).toEqual(['b → c → b']);
    expect(cycles(new Map([['a', [link('b', true)]], ['b', [link('a')]]]))).toEqual([]); // biome-ignore format: a drawing
  });

  it('the test recognizes type imports', () => {
    const imports = graph.get('future/reaction.ts')!;
    expect(imports).toContainEqual({ to: 'future/future.ts', isTypeOnly: true });
    expect(graph.get('future/deferred.ts')).toContainEqual({ to: 'future/future.ts', isTypeOnly: false });
    expect(existsSync(new URL('../src/future/deferred.ts', import.meta.url))).toBe(true);
  });
});

/**
 * Returns the part that a file belongs to: its folder, or the file itself if it is in no folder.
 */
function partOf(file: string): string {
  if (file === 'worker.ts') return file;
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : file.replace(/\.ts$/, '');
}

function levelOf(file: string): number {
  return layers.findIndex((layer) => layer.includes(partOf(file)));
}

/** Returns the imports for which `isWrong` is true, as `from → to`. */
function edges(isWrong: (edge: { from: string; to: string }) => boolean): string[] {
  return [...graph].flatMap(([from, imports]) =>
    imports.filter(({ to }) => isWrong({ from, to })).map(({ to }) => `${from} → ${to}`),
  );
}
