/**
 * No test sleeps. A sleep hopes that something has happened by then: it is too short on a busy
 * machine, and too long on every other. A gate, a message, an event, `until()` or virtual time
 * waits for the thing itself.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));

/** Folders of programs that measure time, or whose random work takes random time. */
const withoutLaw = ['bench/', 'trials/', 'soak/', 'fuzz/', 'types-matrix/'];

/** The files that may sleep, the number of their sleeps, and the reason. */
const exceptions: Readonly<Record<string, readonly [sleeps: number, reason: string]>> = {
  'support/until.ts': [1, 'it polls a condition that no event reports'],
  'support/file-gate.ts': [1, 'it polls files, because the other side may be blocked'],
  'fixtures/gate/in-files.js': [1, 'it polls files, because the test shares only the disk with the task'],
  'browser/http-gate.ts': [1, 'it asks the server, because the worker may be blocked'],
  'browser/shims/in-files.js': [1, 'it asks the server, because the page shares no memory with the task'],
  'browser/server.mjs': [1, 'it delays an answer, so that a blocked worker does not ask all the time'],
  'browser/run-tests.ts': [1, 'it is the limit of a test'],
  'support/redis-server.ts': [1, 'it polls a port until redis-server answers'],
  'bullmq/server/redis-faults.test.ts': [1, 'the length of the pause of Redis is what the test is about'],
  'guarantees/g20-waiting-for-each-other.test.ts': [1, 'the time for which streams wait is what the test is about'],
  'dashboard/browser/run.mjs': [
    5,
    'the tasks of other turns run meanwhile, and charts need some seconds for a picture',
  ],
  'dashboard/browser/tasks.mjs': [3, 'a crawl that a person watches takes some time'],
  'docs/tasks.ts': [1, 'the pages of the documentation call a task that takes some time'],
  'fixtures/programs/paused.js': [1, 'the timer that does not keep the process alive is what the test is about'],
  'fixtures/programs/pending.js': [1, 'the timer that does not keep the process alive is what the test is about'],
};

it('no test sleeps, except the ones that are listed with a reason', () => {
  const found = new Map<string, number>();
  for (const file of filesOf(root)) {
    const lines = sleepsIn(file, readFileSync(path.join(root, file), 'utf8'));
    if (lines.length > 0) found.set(file, lines.length);
  }
  const allowed = Object.entries(exceptions).map(([file, [sleeps]]) => [file, sleeps]);
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(allowed));
});

it.each<[what: string, code: string]>([
  ['a timer with a delay', 'setTimeout(act, 50)'],
  ['a timer of globalThis with a delay', 'globalThis.setTimeout(act, 50)'],
  ['a promise of a timer', 'new Promise((resolve) => setTimeout(resolve))'],
  ['a promise whose timer calls its function', 'new Promise((done) => setTimeout(() => done(1)))'],
  ['node:timers/promises', "import { setTimeout } from 'node:timers/promises';\nsetTimeout(1);"],
  [
    'node:timers/promises under another name',
    "import { setTimeout as sleep } from 'node:timers/promises';\nsleep(GLANCE);",
  ],
])('the law finds a sleep by %s', (_, code) => {
  expect(sleepsIn('some.ts', code)).toHaveLength(1);
});

it.each<[what: string, code: string]>([
  ['a timer without a delay that throws', "setTimeout(() => { throw new Error('in a timer'); })"],
  [
    'a wait that a signal ends',
    "import { setTimeout } from 'node:timers/promises';\nsetTimeout(60_000, undefined, { signal });",
  ],
  ['virtual time', 'vi.advanceTimersByTime(50)'],
])('the law allows %s', (_, code) => {
  expect(sleepsIn('some.ts', code)).toEqual([]);
});

/** Returns the lines of the sleeps in a file. */
function sleepsIn(file: string, text: string): number[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const imported = importedSleeps(source);
  const lines: number[] = [];
  const visit = (node: ts.Node, resolvers: ReadonlySet<string>): void => {
    const inside = isPromise(node) ? new Set([...resolvers, ...parameterOf(node)]) : resolvers;
    if (ts.isCallExpression(node) && isSleep(node, imported, inside))
      lines.push(source.getLineAndCharacterOfPosition(node.getStart()).line + 1);
    ts.forEachChild(node, (child) => visit(child, inside));
  };
  visit(source, new Set());
  return lines;
}

function isSleep(
  { expression, arguments: args }: ts.CallExpression,
  imported: string[],
  resolvers: ReadonlySet<string>,
) {
  const name = expression.getText();
  if (imported.includes(name)) return !args.some((arg) => /\bsignal\b/.test(arg.getText()));
  if (name !== 'setTimeout' && name !== 'globalThis.setTimeout') return false;
  return args.length > 1 || (args[0] !== undefined && resolvers.has(calledBy(args[0])));
}

/** Returns the name of the function that a callback is, or that its only expression calls. */
function calledBy(callback: ts.Expression): string {
  if (ts.isArrowFunction(callback) && ts.isCallExpression(callback.body)) return callback.body.expression.getText();
  return callback.getText();
}

function isPromise(node: ts.Node): node is ts.NewExpression {
  return ts.isNewExpression(node) && node.expression.getText() === 'Promise';
}

/** Returns the name of the function that fulfils a promise. */
function parameterOf({ arguments: args }: ts.NewExpression): string[] {
  const executor = args?.[0];
  if (executor === undefined || !(ts.isArrowFunction(executor) || ts.isFunctionExpression(executor))) return [];
  return executor.parameters.slice(0, 1).map(({ name }) => name.getText());
}

/** Returns the names under which the file imports `setTimeout` of node:timers/promises. */
function importedSleeps(source: ts.SourceFile): string[] {
  return source.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) || !/timers\/promises/.test(statement.moduleSpecifier.getText())) return [];
    const bindings = statement.importClause?.namedBindings;
    if (bindings === undefined || !ts.isNamedImports(bindings)) return [];
    return bindings.elements
      .filter(({ name, propertyName }) => (propertyName ?? name).text === 'setTimeout')
      .map(({ name }) => name.text);
  });
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => file.split(path.sep).join('/'))
    .filter((file) => /\.(ts|js|mjs)$/.test(file) && !file.includes('node_modules'))
    .filter((file) => !withoutLaw.some((start) => file.startsWith(start)));
}
