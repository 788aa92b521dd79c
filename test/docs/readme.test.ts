/**
 * Compiles and runs the code of the README. The compiler must accept each TypeScript block. Blocks
 * marked `<!-- run -->` run in plain Node, as in the project of a user, and must print their
 * `// Output:`.
 *
 * A block with imports is a program of its own, beside the `<!-- file: … -->` blocks. A block
 * without imports is an API example. It can use `executor`, its tasks and all exports of the
 * library.
 */
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
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
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as library from 'rx-futures';
import * as bullmq from 'rx-futures/bullmq';
import * as terminal from 'rx-futures/terminal';
import * as testing from 'rx-futures/testing';
import * as worker from 'rx-futures/worker';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Block, blocksOf, expectedOf } from './blocks.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
const blocks = blocksOf(readme);
const programs = blocks.filter(({ mark }) => mark === 'run');

const prelude = `import { ${Object.keys(library).join(', ')} } from 'rx-futures';
const executor = new Executor<typeof import('./tasks.js')>({ tasks: new URL('./tasks.js', import.meta.url), maxWorkers: 2 });
const { square, fail, nap, fetchPage, parse, save } = executor.tasks;
`;

/** A temporary folder in which the package is installed. */
const home = realpathSync(mkdtempSync(path.join(tmpdir(), 'rx-futures-readme-')));

function fileOf({ mark, line, code }: Block): string {
  const isAlone = mark !== 'run' || /^import /m.test(code);
  return path.join(home, isAlone ? 'alone' : 'api', mark === 'run' ? `line-${line}.ts` : mark!.replace('file: ', ''));
}

beforeAll(() => {
  for (const folder of ['alone', 'api', 'node_modules']) mkdirSync(path.join(home, folder));
  symlinkSync(root, path.join(home, 'node_modules/rx-futures'));
  symlinkSync(path.join(root, 'node_modules/rxjs'), path.join(home, 'node_modules/rxjs'));
  writeFileSync(path.join(home, 'package.json'), '{ "type": "module" }');
  copyFileSync(path.join(root, 'test/docs/tasks.ts'), path.join(home, 'api/tasks.ts'));
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

describe('README.md', () => {
  it('every TypeScript block is marked as a program or a file', () => {
    const unmarked = blocks.filter(({ mark }) => mark === undefined || !/^(run|file: [\w.-]+)$/.test(mark));
    expect(unmarked.map(({ line, mark }) => ({ line, mark }))).toEqual([]);
    expect(programs.length).toBeGreaterThan(0);
  });

  it('the compiler accepts every TypeScript block', { timeout: 60_000 }, () => {
    const program = ts.createProgram({ rootNames: files(), options: options() });
    const diagnostics = files().flatMap((file) => ts.getPreEmitDiagnostics(program, program.getSourceFile(file)));
    const host = {
      getCanonicalFileName: (name: string) => name,
      getCurrentDirectory: () => home,
      getNewLine: () => '\n',
    };
    expect(ts.formatDiagnostics(diagnostics, host)).toBe('');
  });

  it.each(programs)('the program at line $line prints the text of its Output comment', async (block) => {
    const expected = expectedOf(block);
    const printed = await run(fileOf(block).replace(/\.ts$/, '.js'));
    expect(expected, 'a program ends with an // Output: comment').toBeDefined();
    if (expected!.inOrder) expect(printed).toEqual(expected!.lines);
    else expect(printed.toSorted()).toEqual(expected!.lines.toSorted());
  });

  it('every link leads to an existing heading or file', () => {
    const anchors = [...readme.matchAll(/^#{2,4} (.+)$/gm)].map(([, title]) => `#${anchorOf(title!)}`);
    const links = [...readme.matchAll(/\]\((?!https?:)(.+?)\)/g)].map(([, link]) => link!);
    const isThere = (link: string) =>
      link.startsWith('#') ? anchors.includes(link) : existsSync(path.join(root, link));
    expect(links.filter((link) => !isThere(link))).toEqual([]);
  });

  it('every export, option and error code is named', () => {
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
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(readme))).toEqual([]);
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
  const list = /There are: (.+)\.$/.exec(message)?.[1];
  expect(list, message).toBeDefined();
  return list!.split(', ');
}

function files(): string[] {
  return [path.join(home, 'api/tasks.ts'), ...blocks.filter(({ mark }) => mark !== undefined).map(fileOf)];
}

/** Returns the compiler options of the repository, but allows unused imports of the prelude. */
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

/**
 * Returns the anchor of a heading as GitHub does: lower case, no punctuation, hyphens for spaces.
 */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}
