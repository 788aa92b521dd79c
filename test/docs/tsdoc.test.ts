/**
 * Compiles and runs the examples in the TSDoc of `src`. Each TypeScript block runs in plain Node,
 * as in the project of a user, and must print its `// Output:`.
 *
 * These names are declared before each block, unless the block declares them: all exports of
 * `rx-futures`, `executor`, and the tasks of tsdoc-tasks.ts. The info string of a block may name a
 * use:
 *
 * - `file: <name>`: a module that later blocks of the comment import.
 * - `no-run: <reason>`: a block that is only compiled.
 */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectedOf } from './blocks.js';
import { root } from './pages.js';
import { COMPILER_TIMEOUT_MS, compile, errorsIn, makeHome, run, transpile } from './programs.js';
import { allExamples, type Example, entries, exportsOf } from './tsdoc.js';

/** Types whose use the example of another export shows. */
const shownBy: Readonly<Record<string, readonly string[]>> = {
  Executor: [
    'EventType',
    'ExecutorEvent',
    'ExecutorOptions',
    'ExecutorState',
    'ExecutorStats',
    'Percentiles',
    'RateLimitOptions',
  ],
  'Executor.map': ['Input', 'MapInput', 'MapOptions', 'Mapped'],
  BoundExecutor: ['Submitter'],
  Task: ['FutureArgs', 'ItemOf', 'StreamFor', 'StreamInput', 'TaskName', 'TaskOf', 'Tasks'],
  Actor: ['ActorMaker', 'ActorMakerOf', 'Actors', 'ActorState', 'AnyActor'],
  Future: ['FutureState', 'WaitOptions'],
  Outcome: ['Cancelled', 'Fulfilled', 'Rejected'],
  all: ['Values'],
  allSettled: ['Outcomes'],
  any: ['GatherOptions', 'ValueOf'],
  asCompleted: ['AsCompletedOptions', 'FutureInput'],
  wait: ['Waited', 'WaitForOptions'],
  chain: ['Flattened'],
  through: ['StreamOperator'],
  Shared: ['Shareable'],
  progress: ['Progress', 'ProgressOptions'],
  serveWorker: ['WorkerFactory', 'WorkerLike'],
  transfer: ['Transferable'],
  currentTask: ['CurrentTask'],
  progressBar: ['ProgressBarOptions'],
  statsLine: ['StatsLine', 'StatsLineOptions', 'StatsSource'],
  instrument: ['InstrumentOptions'],
  recordTrace: ['TraceEvent', 'TraceFile', 'TraceOptions', 'TraceRecording'],
  bullmqBackend: ['BullmqOptions', 'RedisConnection'],
  serveDashboard: ['Dashboard', 'DashboardOptions'],
  serveTasks: ['ReportOptions', 'ServeEvent', 'ServeOptions', 'TaskService'],
  // docs/contributing/add-a-backend.md describes the port.
  inlineBackend: [
    'InlineOptions',
    'Backend',
    'Ending',
    'ResourceLimits',
    'Session',
    'SessionListener',
    'Traits',
    'WorkerOptions',
  ],
};

const tasks = ['square', 'fail', 'nap', 'fetchPage', 'parse', 'save', 'count', 'sum'];
const examples = allExamples();
const programs = examples.filter(({ mark, noRun }) => mark === 'run' && noRun === undefined);
const library = exportsOf('index').map(({ name, isType }) => (isType ? `type ${name}` : name));

const home = makeHome('rx-futures-tsdoc-', ['rxjs', '@types', '@opentelemetry', 'ioredis', 'bullmq']);

/** Each comment has a folder of its own. */
function fileOf({ source, comment, line, mark }: Example): string {
  const name = mark === 'run' ? `line-${line}.ts` : mark!.replace('file: ', '');
  return path.join(home, source.replace(/\.ts$/, ''), `comment-${comment}`, name);
}

beforeAll(() => {
  mkdirSync(path.join(home, 'shared'));
  const shared = ['tasks.ts', 'tsdoc-tasks.ts'].map((file) => path.join(home, 'shared', file));
  for (const file of shared) copyFileSync(path.join(root, 'test/docs', path.basename(file)), file);
  const written = new Set(shared);
  const write = (file: string, code: string) => {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, code);
    written.add(file);
  };
  for (const example of examples) {
    const file = fileOf(example);
    const folder = path.relative(path.dirname(file), path.join(home, 'shared')).replaceAll(path.sep, '/');
    const tasksFile = path.join(path.dirname(file), 'tasks.ts');
    if (!written.has(tasksFile)) write(tasksFile, `export * from '${folder}/tsdoc-tasks.js';\n`);
    write(file, example.mark === 'run' ? prelude(example.code) + example.code : example.code);
  }
  for (const file of written) transpile(file);
  files = [...written];
}, COMPILER_TIMEOUT_MS);

let files: string[] = [];

afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('TSDoc', () => {
  it('every TypeScript block has a known use', () => {
    const unknown = examples.filter(({ mark }) => !/^(run|file: [\w.-]+\.ts)$/.test(mark!));
    expect(unknown.map(({ source, line, mark }) => `${source}:${line}: ${mark}`)).toEqual([]);
  });

  it('the compiler accepts every TypeScript block', { timeout: COMPILER_TIMEOUT_MS }, () => {
    const program = compile(files);
    expect(
      examples.map((example) => [at(example), errorsIn(program, fileOf(example))]).filter(([, text]) => text !== ''),
    ).toEqual([]);
  });

  it('every export has an example, or the example of another export shows it', () => {
    const all = entries.flatMap(exportsOf);
    const withExample = new Set(all.filter((each) => each.hasExample).map(({ name }) => name));
    const shown = Object.entries(shownBy).flatMap(([by, names]) => (withExample.has(by.split('.')[0]!) ? names : []));
    expect(all.filter(({ name, hasExample }) => !hasExample && !shown.includes(name)).map(({ name }) => name)).toEqual(
      [],
    );
    expect(shown.filter((name) => !all.some((each) => each.name === name && each.isType))).toEqual([]);
  });
});

describe('TSDoc examples', () => {
  it.concurrent.each(programs.map((example) => [at(example), example] as const))(
    'the example at %s prints the text of its Output comment',
    async (_, example) => {
      const expected = expectedOf(example);
      expect(expected, 'an example ends with an // Output: comment').toBeDefined();
      const printed = await run(fileOf(example));
      if (expected!.inOrder) expect(printed).toEqual(expected!.lines);
      else expect(printed.toSorted()).toEqual(expected!.lines.toSorted());
    },
  );
});

function at({ source, line }: Example): string {
  return `${source}:${line}`;
}

/** Declares what the block does not declare itself. */
function prelude(code: string): string {
  const own = namesIn(code);
  const isFree = (name: string) => !own.has(name.replace('type ', ''));
  const lines = [`import { ${library.filter(isFree).join(', ')} } from 'rx-futures';`];
  if (!own.has('executor')) {
    lines.push(
      `const executor = new Executor<typeof import('./tasks.js')>({ tasks: new URL('./tasks.js', import.meta.url), maxWorkers: 2 });`,
      `const { ${tasks.filter(isFree).join(', ')} } = executor.tasks;`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** The names that a block imports or declares at its top level. */
function namesIn(code: string): Set<string> {
  const names = new Set<string>();
  const add = (name: ts.BindingName): void => {
    if (ts.isIdentifier(name)) names.add(name.text);
    else for (const element of name.elements) if (ts.isBindingElement(element)) add(element.name);
  };
  for (const statement of ts.createSourceFile('block.ts', code, ts.ScriptTarget.Latest).statements) {
    if (ts.isVariableStatement(statement)) for (const { name } of statement.declarationList.declarations) add(name);
    const imported = ts.isImportDeclaration(statement) ? statement.importClause?.namedBindings : undefined;
    if (imported !== undefined && ts.isNamedImports(imported)) for (const { name } of imported.elements) add(name);
  }
  return names;
}
