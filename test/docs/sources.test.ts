/**
 * Checks the blocks of docs/ that show code of the library itself. `<!-- from src: … -->` shows
 * types of a file, without their comments. `<!-- new in src: … -->` is a file that a contributor
 * could add. The compiler accepts it where it stands, and the backend among these files runs tasks.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Backend, CancelledError, chain } from 'rx-futures';
import ts from 'typescript';
import { afterAll, describe, expect, it } from 'vitest';
import { FileGate } from '../support/file-gate.js';
import { open } from '../support/open.js';
import { type Block, blocksOf, isOfSources } from './blocks.js';
import { pages, root } from './pages.js';
import { compilerOptions, errorsIn } from './programs.js';

const blocks = pages()
  .flatMap(({ text }) => blocksOf(text))
  .filter(isOfSources);
const pathOf = ({ mark }: Block): string => path.join(root, 'src', mark!.replace(/^.* src: /, ''));
const shown = blocks.filter(({ mark }) => mark!.startsWith('from'));
const added = blocks.filter(({ mark }) => mark!.startsWith('new in'));

it.each(shown)('the types at $mark are those of the file', (block) => {
  const real = typesOf(readFileSync(pathOf(block), 'utf8'));
  const copies = typesOf(block.code);
  expect(copies.size).toBeGreaterThan(0);
  for (const [name, copy] of copies) expect(copy).toBe(real.get(name));
});

it('the compiler accepts each new file as a part of src', { timeout: 60_000 }, () => {
  const files = new Map(added.map((block) => [pathOf(block), block.code]));
  const host = ts.createCompilerHost(compilerOptions());
  const { fileExists, readFile, getSourceFile, directoryExists } = host;
  const folders = new Set([...files.keys()].map((file) => path.dirname(file)));
  host.directoryExists = (folder) => folders.has(folder) || directoryExists!(folder);
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.readFile = (file) => files.get(file) ?? readFile(file);
  host.getSourceFile = (file, target, ...rest) => {
    const code = files.get(file);
    return code === undefined ? getSourceFile(file, target, ...rest) : ts.createSourceFile(file, code, target);
  };
  const program = ts.createProgram([...files.keys()], compilerOptions(), host);
  expect(files.size).toBeGreaterThan(0);
  expect([...files.keys()].map((file) => errorsIn(program, file)).join('')).toBe('');
});

describe('the minimal backend of docs/contributing/add-a-backend.md', async () => {
  const home = mkdtempSync(path.join(tmpdir(), 'rx-futures-sources-'));
  afterAll(() => rmSync(home, { recursive: true, force: true }));
  for (const block of added) {
    const file = path.join(home, path.relative(path.join(root, 'src'), pathOf(block)));
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, atHome(block.code));
  }
  const { minimalBackend } = (await import(path.join(home, 'backends/minimal/session.ts'))) as {
    minimalBackend: () => Backend;
  };

  it('the backend runs tasks and chains, and transports their errors', async () => {
    await using executor = open('gates.js', { backend: minimalBackend() });
    const { add, double } = executor.tasks;
    expect(await add(1, 2).pipe(chain(double), chain(double))).toBe(12);
    await using failing = open('errors.js', { backend: minimalBackend() });
    await expect(failing.tasks.fail('no luck')).rejects.toThrow('no luck');
  });

  it('terminate() ends the worker and cancels its tasks', async () => {
    using gate = new FileGate();
    const executor = open('gates.js', { backend: minimalBackend() });
    const future = executor.tasks.linger(gate.cells);
    await gate.arrivals();
    await executor.terminate();
    await expect(future).rejects.toThrow(CancelledError);
    const { starting, idle, busy, leaving } = executor.stats().workers;
    expect(starting + idle + busy + leaving).toBe(0);
    gate.open();
  });

  /** Returns code whose imports lead from the temporary folder to src. */
  function atHome(code: string): string {
    const src = path.join(root, 'src');
    return code
      .replace(/'\.\.\/\.\.\//g, `'${src}/`)
      .replace(/'\.\.\/backend/g, `'${src}/backends/backend`)
      .replace(/'#platform\/([\w-]+)'/g, `'${src}/platform/$1.ts'`);
  }
});

/** Returns the interfaces and types of a source by name, without comments and in one form. */
function typesOf(code: string): Map<string, string> {
  const source = ts.createSourceFile('types.ts', code, ts.ScriptTarget.ESNext, true);
  const printer = ts.createPrinter({ removeComments: true });
  const types = source.statements.filter((each) => ts.isInterfaceDeclaration(each) || ts.isTypeAliasDeclaration(each));
  return new Map(types.map((type) => [type.name.text, printer.printNode(ts.EmitHint.Unspecified, type, source)]));
}
