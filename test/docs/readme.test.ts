/**
 * Checks the code of README.md and docs/. The compiler must accept each TypeScript block. Blocks
 * marked `<!-- run -->` run in plain Node, as in the project of a user, and must print their
 * `// Output:`.
 *
 * A block with imports is a program of its own, beside the `<!-- file: … -->` blocks of its page. A
 * block without imports is an API example: `executor`, its tasks and all exports of the library are
 * declared before it.
 */
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import * as library from 'rx-futures';
import * as bullmq from 'rx-futures/bullmq';
import * as terminal from 'rx-futures/terminal';
import * as testing from 'rx-futures/testing';
import * as worker from 'rx-futures/worker';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Block, blocksOf, expectedOf } from './blocks.js';
import { pages, root } from './pages.js';

/** A block and the page that it is on. */
interface Code extends Block {
  readonly page: string;
}

const codeOf = ({ file, text }: { file: string; text: string }): Code[] =>
  blocksOf(text).map((block) => ({ ...block, page: file }));
const allPages = pages();
const blocks = allPages.flatMap(codeOf);

const prelude = `import { ${Object.keys(library).join(', ')} } from 'rx-futures';
const executor = new Executor<typeof import('./tasks.js')>({ tasks: new URL('./tasks.js', import.meta.url), maxWorkers: 2 });
const { square, fail, nap, fetchPage, parse, save } = executor.tasks;
`;

/** A temporary folder in which the package is installed. */
const home = realpathSync(mkdtempSync(path.join(tmpdir(), 'rx-futures-docs-')));

/** Each page has a folder of its own for its programs, and one for its API examples. */
function folderOf(page: string, kind: 'alone' | 'api'): string {
  return path.join(home, page.replace(/\.md$/, ''), kind);
}

function fileOf({ page, mark, line, code }: Code): string {
  const kind = mark !== 'run' || /^import /m.test(code) ? 'alone' : 'api';
  return path.join(folderOf(page, kind), mark === 'run' ? `line-${line}.ts` : mark!.replace('file: ', ''));
}

beforeAll(() => {
  mkdirSync(path.join(home, 'node_modules'));
  symlinkSync(root, path.join(home, 'node_modules/rx-futures'));
  symlinkSync(path.join(root, 'node_modules/rxjs'), path.join(home, 'node_modules/rxjs'));
  writeFileSync(path.join(home, 'package.json'), '{ "type": "module" }');
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
  for (const file of files()) {
    const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), {
      compilerOptions: { ...options(), module: ts.ModuleKind.ESNext },
    });
    writeFileSync(file.replace(/\.ts$/, '.js'), outputText);
  }
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

describe.each(allPages)('$file', (page) => {
  const code = codeOf(page);

  it('every TypeScript block is marked as a program or as a file', () => {
    const unmarked = code.filter(({ mark }) => mark === undefined || !/^(run|file: [\w.-]+)$/.test(mark));
    expect(unmarked.map(({ line, mark }) => ({ line, mark }))).toEqual([]);
  });

  it('the compiler accepts every TypeScript block', { timeout: 60_000 }, () => {
    const program = compiled();
    const marked = code.filter(({ mark }) => mark !== undefined);
    const diagnostics = marked.flatMap((block) =>
      ts.getPreEmitDiagnostics(program, program.getSourceFile(fileOf(block))),
    );
    const host = {
      getCanonicalFileName: (name: string) => name,
      getCurrentDirectory: () => home,
      getNewLine: () => '\n',
    };
    expect(ts.formatDiagnostics(diagnostics, host)).toBe('');
  });

  const programs = code.filter(({ mark }) => mark === 'run');
  it.each(programs)('the program at line $line prints the text of its Output comment', async (block) => {
    const expected = expectedOf(block);
    const printed = await run(fileOf(block).replace(/\.ts$/, '.js'));
    expect(expected, 'a program ends with an // Output: comment').toBeDefined();
    if (expected!.inOrder) expect(printed).toEqual(expected!.lines);
    else expect(printed.toSorted()).toEqual(expected!.lines.toSorted());
  });
});

describe('README.md and docs/', () => {
  it('every export, option and error code is named', () => {
    const text = allPages.map((page) => page.text).join('\n');
    const errors = Object.values<Function>(library).filter(
      (value) => value.prototype instanceof library.RxFuturesError,
    );
    const codes = errors.map((type) => new (type as typeof library.WorkerDiedError)('', {} as never).code);
    const executor = new library.Executor();
    const names = [
      ...[library, worker, testing, terminal, bullmq].flatMap((entry) => Object.keys(entry)),
      ...optionsNamedBy(() => new library.Executor({ '?': 0 } as never)),
      ...optionsNamedBy(() => executor.with({ '?': 0 } as never)),
      ...optionsNamedBy(() => terminal.progressBar({ '?': 0 } as never)),
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
  program ??= ts.createProgram({ rootNames: files(), options: options() });
  return program;
}

/**
 * The options of the repository. Unused locals are allowed, because no block uses everything that
 * is declared before it.
 */
function options(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(path.join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root, undefined, path.join(root, 'tsconfig.json'));
  return { ...options, noUnusedLocals: false };
}

async function run(file: string): Promise<string[]> {
  // The program must not inherit settings of the test runner.
  const { stdout } = await promisify(execFile)(process.execPath, [file], {
    env: { PATH: process.env['PATH'] },
    timeout: 15_000,
  });
  return stdout.trimEnd().split('\n');
}
