/**
 * The architecture: which part of src may import which. Imports go downward through the layers or
 * stay in their part. Type imports count too, because a type that is imported is knowledge. Only
 * cycles of types are allowed, because the compiler erases types, and a Future and its Reactions
 * have to name each other.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { describe, expect, it } from 'vitest';
import { cycles, type Graph, type Import, loadedBy, readImports } from './support/imports.js';
import { nodeGlobalsIn, nodeGlobalsOf } from './support/node-globals.js';

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
  'worker.ts': ['worker', 'protocol', 'errors', 'platform', 'backends/factory/host'],
  testing: ['backends/inline'],
  // The entry 'rx-futures/web', which package.json chooses in browsers.
  web: ['index', 'backends/web/backend'],
  terminal: ['operators', 'progress', 'engine/observe', 'future', 'platform', 'util'],
  trace: ['executor', 'engine/observe', 'platform', 'util'],
  opentelemetry: ['executor', 'engine/observe', 'engine/run', 'future', 'protocol', 'platform', 'util'],
  // The server half of a queue is a program on top of the engine. It imports only
  // these parts of the engine, and knows no futures, no jobs and no runs. The client half is a
  // backend.
  serving: [
    ...['engine/engine', 'engine/served-tasks', 'engine/life-cycle', 'engine/observe'],
    ...['protocol', 'errors', 'platform', 'util'],
  ],
  // The transport of a queue, and the functions that put both halves on it.
  // Its monitor is a source of a dashboard.
  bullmq: ['backends', 'serving', 'protocol', 'options', 'dashboard', 'errors', 'platform', 'util'],
  // A page that shows what executors do. It reads the parts of the engine.
  dashboard: ['executor', 'engine', 'future', 'stream', 'scheduling', 'protocol', 'platform', 'util'],
  cli: ['bullmq', 'dashboard', 'util'],
};

/** The worker's half of a backend. The build makes a file of it, or the inline backend calls it. */
const isHost = (file: string): boolean => /^backends\/[\w-]+\/((port|module)-)?host\.ts$/.test(file);

/**
 * The folders of scheduling/, from top to bottom. Each lists the folders that it may import besides
 * itself. The files at the top of scheduling/ may import all of them.
 */
const schedulingFolders: Readonly<Record<string, readonly string[]>> = {
  pass: ['workforce', 'queue', 'worker', 'lanes', 'job'],
  termination: ['worker', 'job'],
  workforce: ['worker', 'job'],
  queue: ['lanes', 'job'],
  worker: ['lanes', 'job'],
  lanes: ['job'],
  job: [],
};

const packages = ['rxjs', 'tinypool'];

/** Packages that are loaded only when they are needed. */
const optional: Readonly<Record<string, readonly string[]>> = {
  'platform/load-module.ts': ['tsx/esm/api'],
  'terminal/bars.ts': ['cli-progress'],
  opentelemetry: ['@opentelemetry/api'],
  // The build puts it into the page.
  'dashboard/page/charts.ts': ['uplot'],
  bullmq: ['bullmq', 'ioredis'],
};

/**
 * Parts that may use Node: the two that hide it, and those that exist for Node alone. Both halves
 * of a queue are among them, because its servers and its clients are programs of Node.
 */
const forNode = [
  'platform',
  'backends',
  'bullmq',
  'serving',
  'protocol/queue',
  'terminal',
  'trace',
  'dashboard',
  'cli',
];

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

  it('no layer imports the worker’s side, except the hosts of the backends', () => {
    const across = edges(({ from, to }) => {
      if (levelOf(from) === -1 || !(partOf(to) in beside)) return false;
      return !(isHost(from) && partOf(to) === 'worker');
    });
    expect(across).toEqual([]);
  });

  it('the main thread’s side loads no host, except in the inline backend', () => {
    const loads = edges(
      ({ from, to, isTypeOnly }) => isHost(to) && !isHost(from) && from !== 'worker.ts' && !isTypeOnly,
    );
    expect(loads).toEqual(['backends/inline/session.ts → backends/inline/host.ts']);
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

describe('the map src/README.md', () => {
  const map = readFileSync(new URL('../src/README.md', import.meta.url), 'utf8');
  const [layerList, besideList] = [...map.matchAll(/^```\n(.*?)^```$/gms)].map(([, list]) => list!);
  const folders = readdirSync(new URL('../src/', import.meta.url), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

  it('the first list has the layers from top to bottom', () => {
    expect(entriesOf(layerList!)).toEqual(layers.flat());
  });

  it('the second list has the parts beside the layers', () => {
    expect(new Set(entriesOf(besideList!))).toEqual(new Set(Object.keys(beside)));
  });

  it('the second list names everything that a part may import', () => {
    const missing = Object.entries(beside).flatMap(([part, allowed]) => {
      const row = rowOf(besideList!, part);
      return allowed.filter((name) => !row.includes(name)).map((name) => `${part} → ${name}`);
    });
    expect(missing).toEqual([]);
  });

  it('the lists name every folder', () => {
    expect(folders.filter((name) => !`${layerList} ${besideList}`.includes(`${name}/`))).toEqual([]);
  });

  /** Returns the names of a list that are not indented. An entry and its folder are one part. */
  function entriesOf(list: string): string[] {
    return [...new Set(Array.from(list.matchAll(/^[\w.-]+/gm), ([name]) => partOf(name)))];
  }

  /** Returns the lines of a part, and of its entry if the part has one. */
  function rowOf(list: string, part: string): string {
    const rows = list.split(/\n(?=\S)/).filter((row) => partOf(/^[\w.-]+/.exec(row)![0]) === part);
    return rows.join('\n').replace(/^[\w.-]+/gm, '');
  }
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
    expect(loaded.filter((file) => partOf(file) === 'terminal' || isOfQueue(file))).toEqual([]);
  });

  it('the halves of a queue name neither Redis nor BullMQ, which only its transport knows', () => {
    const halves = [...graph.keys()].filter((file) => isOfQueue(file) && partOf(file) !== 'bullmq');
    expect(halves.filter((file) => /bullmq|redis/i.test(codeOf(file)))).toEqual([]);
    expect(new Set(halves.map((file) => file.slice(0, file.lastIndexOf('/'))))).toEqual(
      new Set(['backends/queue', 'protocol/queue', 'serving']),
    );
  });

  it('the client’s and the server’s side of the transport over Redis do not import each other', () => {
    const side = (file: string) => /^bullmq\/(client|server)\//.exec(file)?.[1];
    const across = edges(
      ({ from, to }) => from.startsWith('bullmq/') && side(to) !== undefined && side(to) !== side(from),
    );
    expect(across).toEqual([]);
    const others = [...graph.keys()].filter((file) => file.startsWith('bullmq/') && side(file) === undefined);
    expect(new Set(others.map((file) => file.split('/')[1]))).toEqual(
      new Set(['monitor', 'options', 'redis', 'stored']),
    );
  });

  it('the imports between the folders of scheduling/ point one way, and no folder imports the top', () => {
    const folderOf = (file: string) => /^scheduling\/(?:(\w+)\/)?[\w-]+\.ts$/.exec(file)?.[1];
    const isScheduling = (file: string) => partOf(file) === 'scheduling';
    const against = edges(({ from, to }) => {
      if (!isScheduling(from) || !isScheduling(to)) return false;
      const [own, other] = [folderOf(from), folderOf(to)];
      if (own === undefined || own === other) return false;
      return other === undefined || !schedulingFolders[own]!.includes(other);
    });
    expect(against).toEqual([]);
    const folders = [...graph.keys()].filter(isScheduling).flatMap((file) => folderOf(file) ?? []);
    expect(new Set(folders)).toEqual(new Set(Object.keys(schedulingFolders)));
    const names = Object.keys(schedulingFolders);
    for (const [i, below] of Object.values(schedulingFolders).entries())
      expect(below.every((name) => names.indexOf(name) > i)).toBe(true);
  });

  it('the files of a queue make no cycle, not even with type imports', () => {
    expect(cycles(withTypes((file) => isOfQueue(file)))).toEqual([]);
  });

  it('the files of scheduling/ make no cycle, not even with type imports', () => {
    expect(cycles(withTypes((file) => partOf(file) === 'scheduling'))).toEqual([]);
  });

  it('the core imports only the port of backends, and package.json chooses the backends for an Executor', () => {
    const users = edges(({ from, to }) => {
      const isPort = /^backends\/(backend|ending|runtime)\.ts$/.test(to);
      return levelOf(from) !== -1 && partOf(from) !== 'backends' && partOf(to) === 'backends' && !isPort;
    });
    expect(users).toEqual(['executor.ts → backends/node.ts']);
    expect(readSource('executor.ts')).toContain("from '#runtimes'");
  });

  it('the core asks a backend for its traits, and names no queue', () => {
    const core = [...graph.keys()].filter((file) => levelOf(file) !== -1);
    const naming = core.filter((file) => {
      const code = codeOf(file).replace(/(['"`])(?:\\.|(?!\1)[^\\])*\1/g, '');
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

  it.each([...[...graph.keys()].filter(isHost), 'worker.ts'])(
    'a worker loads neither rxjs nor the main thread’s side through %s',
    (entry) => {
      const mainSide = new Set(['index.ts', 'backends/web.ts'].flatMap((file) => [...loadedBy(graph, file)]));
      const strange = [...loadedBy(graph, entry)].filter((file) => {
        if (partOf(file) === 'backends') return mainSide.has(file);
        if (!graph.has(file)) return packages.includes(file);
        return !['worker', 'worker.ts', 'protocol', 'errors', 'platform', 'util'].includes(partOf(file));
      });
      expect(strange).toEqual([]);
    },
  );
});

it('all options are checked by the table of util/validate.ts, which has the texts of the messages', () => {
  const text = /unknown option "|expected (an integer, [\d$]|a number of ms|true or false|an AbortSignal)/;
  // Data from Redis is not an option.
  const others = [...graph.keys()].filter((file) => !file.endsWith('validate.ts') && !file.endsWith('/job-data.ts'));
  expect(others.filter((file) => text.test(readSource(file).replace(/^ *(\/\*)?\*.*$/gm, '')))).toEqual([]);
});

describe('the runtime', () => {
  const isForNode = (file: string) => forNode.some((part) => file === `${part}.ts` || file.startsWith(`${part}/`));
  const neutral = [...graph.keys()].filter((file) => !isForNode(file));

  it('only platform/, backends/ and the entries for Node alone import modules of Node', () => {
    expect(edges(({ from, to }) => neutral.includes(from) && isBuiltin(to))).toEqual([]);
  });

  it('only platform/, backends/ and the entries for Node alone use globals of Node', () => {
    const uses = neutral.flatMap((file) => nodeGlobalsIn(file).map((name) => `${file}: ${name}`));
    expect(uses).toEqual([]);
  });

  it('platform/ is imported as "#platform/…", so that package.json chooses its files by the runtime', () => {
    expect(neutral.filter((file) => /'\.[./]*\/platform\//.test(readSource(file)))).toEqual([]);
    expect(graph.get('protocol/ledger.ts')).toContainEqual({ to: 'platform/time.ts', isTypeOnly: false });
  });
});

describe('the state', () => {
  it('only advanceJob() writes the state of a job', () => {
    const writes = [...graph.keys()].flatMap((file) => {
      const text = readFileSync(new URL(`../src/${file}`, import.meta.url), 'utf8');
      return Array.from(text.matchAll(/^.*\.state =(?!=).*$/gm), ([line]) => `${file}: ${line.trim()}`);
    });
    expect(writes).toEqual(['scheduling/job/job-state.ts: job.state = state;']);
  });
});

describe('the test of the architecture', () => {
  it('the test finds globals of Node, but no imports, members and texts of the same name', () => {
    expect(nodeGlobalsOf('process.exit(); let t: NodeJS.Timeout; t.unref(); globalThis.Buffer')).toEqual([
      'process',
      'NodeJS',
      '.unref()',
      'Buffer',
    ]);
    const own = "import { setImmediate } from '#platform/time'; setImmediate(() => a.process, { require: 'Buffer' });";
    expect(nodeGlobalsOf(own)).toEqual([]);
  });

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

function readSource(file: string): string {
  return readFileSync(new URL(`../src/${file}`, import.meta.url), 'utf8');
}

function levelOf(file: string): number {
  return layers.findIndex((layer) => layer.includes(partOf(file)));
}

/** Returns true for a file that only programs with a queue load. */
function isOfQueue(file: string): boolean {
  return /^(backends\/queue|protocol\/queue|serving|bullmq)\//.test(file);
}

/** Returns the imports of some files, in which type imports count as imports at run time. */
function withTypes(isWanted: (file: string) => boolean): Graph {
  const files = [...graph].filter(([file]) => isWanted(file));
  return new Map(files.map(([file, imports]) => [file, imports.map(({ to }) => ({ to, isTypeOnly: false }))]));
}

/** Returns the text of a file without its comments. */
function codeOf(file: string): string {
  const text = readFileSync(new URL(`../src/${file}`, import.meta.url), 'utf8');
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
}

/** Returns the imports for which `isWrong` is true, as `from → to`. */
function edges(isWrong: (edge: Import & { from: string }) => boolean): string[] {
  return [...graph].flatMap(([from, imports]) =>
    imports.filter((link) => isWrong({ from, ...link })).map(({ to }) => `${from} → ${to}`),
  );
}
