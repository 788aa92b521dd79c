/**
 * Checks the code of README.md and docs/. The compiler must accept each TypeScript block. Blocks
 * marked `<!-- run -->` run in plain Node, as in the project of a user, and must print their
 * `// Output:`.
 *
 * A block with imports is a program of its own, beside the `<!-- file: … -->` blocks of its page. A
 * block without imports is an API example: `executor`, its tasks and all exports of the library are
 * declared before it. `sources.test.ts` checks the blocks that show code of the library, and
 * `examples.test.ts` those that show code of examples.
 */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as library from 'rx-futures';
import * as bullmq from 'rx-futures/bullmq';
import * as dashboard from 'rx-futures/dashboard';
import * as opentelemetry from 'rx-futures/opentelemetry';
import * as terminal from 'rx-futures/terminal';
import * as testing from 'rx-futures/testing';
import * as trace from 'rx-futures/trace';
import * as worker from 'rx-futures/worker';
import type ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Block, blocksOf, expectedOf, isOfExamples, isOfSources } from './blocks.js';
import { pages, root } from './pages.js';
import { COMPILER_TIMEOUT_MS, compile, errorsIn, makeHome, run, transpile } from './programs.js';

/** A block and the page that it is on. */
interface Code extends Block {
  readonly page: string;
}

const codeOf = ({ file, text }: { file: string; text: string }): Code[] =>
  blocksOf(text)
    .filter((block) => !isOfSources(block) && !isOfExamples(block))
    .map((block) => ({ ...block, page: file }));
const allPages = pages();
const blocks = allPages.flatMap(codeOf);

const prelude = `import { ${Object.keys(library).join(', ')} } from 'rx-futures';
const executor = new Executor<typeof import('./tasks.js')>({ tasks: new URL('./tasks.js', import.meta.url), maxWorkers: 2 });
const { square, fail, nap, fetchPage, parse, save } = executor.tasks;
`;

const home = makeHome('rx-futures-docs-', ['rxjs', '@opentelemetry', 'bullmq', '@bull-board', '@hono', 'hono']);

/** Each page has a folder of its own for its programs, and one for its API examples. */
function folderOf(page: string, kind: 'alone' | 'api'): string {
  return path.join(home, page.replace(/\.md$/, ''), kind);
}

function fileOf({ page, mark, line, code }: Code): string {
  const kind = mark !== 'run' || /^import /m.test(code) ? 'alone' : 'api';
  return path.join(folderOf(page, kind), mark === 'run' ? `line-${line}.ts` : mark!.replace('file: ', ''));
}

beforeAll(() => {
  for (const { file } of allPages) {
    mkdirSync(folderOf(file, 'alone'), { recursive: true });
    mkdirSync(folderOf(file, 'api'));
    copyFileSync(path.join(root, 'test/docs/tasks.ts'), path.join(folderOf(file, 'api'), 'tasks.ts'));
  }
  for (const block of blocks) {
    if (block.mark === undefined) continue;
    const isApi = path.basename(path.dirname(fileOf(block))) === 'api';
    writeFileSync(fileOf(block), isApi ? prelude + block.code : block.code);
  }
  for (const file of files()) transpile(file);
}, COMPILER_TIMEOUT_MS);

afterAll(() => rmSync(home, { recursive: true, force: true }));

describe.each(allPages)('$file', (page) => {
  const code = codeOf(page);

  it('every TypeScript block is marked as a program or as a file', () => {
    const unmarked = code.filter(({ mark }) => mark === undefined || !/^(run|file: [\w.-]+)$/.test(mark));
    expect(unmarked.map(({ line, mark }) => ({ line, mark }))).toEqual([]);
  });

  it('the compiler accepts every TypeScript block', { timeout: COMPILER_TIMEOUT_MS }, () => {
    const program = compiled();
    const marked = code.filter(({ mark }) => mark !== undefined);
    expect(marked.map((block) => errorsIn(program, fileOf(block))).join('')).toBe('');
  });

  const programs = code.filter(({ mark }) => mark === 'run');
  it.each(programs)('the program at line $line prints the text of its Output comment', async (block) => {
    const expected = expectedOf(block);
    const printed = await run(fileOf(block));
    expect(expected, 'a program ends with an // Output: comment').toBeDefined();
    if (expected!.inOrder) expect(printed).toEqual(expected!.lines);
    else expect(printed.toSorted()).toEqual(expected!.lines.toSorted());
  });
});

describe('README.md and docs/', () => {
  it('every export, option and error code is named', () => {
    const text = allPages.map((page) => page.text).join('\n');
    const errors = Object.values<unknown>(library).filter(
      (value) => typeof value === 'function' && value.prototype instanceof library.RxFuturesError,
    );
    const codes = errors.map((type) => new (type as typeof library.WorkerDiedError)('', {} as never).code);
    const executor = new library.Executor();
    const names = [
      ...[library, worker, testing, terminal, dashboard, trace, opentelemetry, bullmq].flatMap((entry) =>
        Object.keys(entry),
      ),
      ...optionsNamedBy(() => new library.Executor({ '?': 0 } as never)),
      ...optionsNamedBy(() => executor.with({ '?': 0 } as never)),
      ...optionsNamedBy(() => terminal.progressBar({ '?': 0 } as never)),
      ...optionsNamedBy(() => terminal.statsLine(executor, { '?': 0 } as never)),
      ...optionsNamedBy(() => trace.recordTrace(executor, { '?': 0 } as never)),
      ...optionsNamedBy(() => opentelemetry.instrument(executor, { '?': 0 } as never)),
      ...optionsNamedBy(() => bullmq.bullmqBackend({ '?': 0 } as never)),
      ...codes,
    ];
    expect(codes.length).toBeGreaterThan(0);
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
  });
});

/** Reads the names of all options from the error message about an unknown option. */
function optionsNamedBy(call: () => unknown): string[] {
  let message = '';
  try {
    call();
  } catch (error) {
    message = (error as Error).message;
  }
  const list = /(?:There are|Use one of): (.+)\.$/.exec(message)?.[1];
  expect(list, message).toBeDefined();
  return list!.split(', ');
}

function files(): string[] {
  const tasks = allPages.map(({ file }) => path.join(folderOf(file, 'api'), 'tasks.ts'));
  return [...tasks, ...blocks.filter(({ mark }) => mark !== undefined).map(fileOf)];
}

let program: ts.Program | undefined;

/** One program for all pages, because each one costs seconds. */
function compiled(): ts.Program {
  program ??= compile(files());
  return program;
}
