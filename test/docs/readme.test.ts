/**
 * The README's code is true: each TypeScript block passes the compiler, and each one that is marked `<!-- run -->` is run, by plain node
 * as a user of the package would do it, and prints what its `// Output:` says.
 *
 * A block with imports stands alone, beside the `<!-- file: … -->` blocks. One without is an API example: `executor`, its tasks and
 * all exports of the library are there already.
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

/** A folder of its own, in which the package is installed. */
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
  it('says of every TypeScript block what it is', () => {
    const unmarked = blocks.filter(({ mark }) => mark === undefined || !/^(run|file: [\w.-]+)$/.test(mark));
    expect(unmarked.map(({ line, mark }) => ({ line, mark }))).toEqual([]);
    expect(programs.length).toBeGreaterThan(0);
  });

  it('passes the compiler', { timeout: 60_000 }, () => {
    const program = ts.createProgram({ rootNames: files(), options: options() });
    const diagnostics = files().flatMap((file) => ts.getPreEmitDiagnostics(program, program.getSourceFile(file)));
    const host = {
      getCanonicalFileName: (name: string) => name,
      getCurrentDirectory: () => home,
      getNewLine: () => '\n',
    };
    expect(ts.formatDiagnostics(diagnostics, host)).toBe('');
  });

  it.each(programs)('runs the code at line $line, and prints what it says there', async (block) => {
    const expected = expectedOf(block);
    const printed = await run(fileOf(block).replace(/\.ts$/, '.js'));
    expect(expected, 'a program ends with an // Output: comment').toBeDefined();
    if (expected!.inOrder) expect(printed).toEqual(expected!.lines);
    else expect(printed.toSorted()).toEqual(expected!.lines.toSorted());
  });

  it('links to headings and files that there are', () => {
    const anchors = [...readme.matchAll(/^#{2,4} (.+)$/gm)].map(([, title]) => `#${anchorOf(title!)}`);
    const links = [...readme.matchAll(/\]\((?!https?:)(.+?)\)/g)].map(([, link]) => link!);
    const isThere = (link: string) =>
      link.startsWith('#') ? anchors.includes(link) : existsSync(path.join(root, link));
    expect(links.filter((link) => !isThere(link))).toEqual([]);
  });

  it('names every export, option and error code', () => {
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

/** The refusal of an unknown option lists those there are. */
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

/** The repository's own, but for the prelude, of which no block uses everything. */
function options(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(path.join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root, undefined, path.join(root, 'tsconfig.json'));
  return { ...options, noUnusedLocals: false };
}

async function run(file: string): Promise<string[]> {
  // Nothing of the test runner's own settings must reach it.
  const { stdout } = await promisify(execFile)(process.execPath, [file], {
    env: { PATH: process.env['PATH'] },
    timeout: 15_000,
  });
  return stdout.trimEnd().split('\n');
}

/** As GitHub does it: small letters, no punctuation, hyphens for blanks. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}
