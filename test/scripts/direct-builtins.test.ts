/** The build replaces imports of Node's modules, because an import reads all their properties. */
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { direct } from '../../scripts/direct-builtins.mjs';
import { readImports } from '../support/imports.js';
import { runProgram } from '../support/run-program.js';

const dist = new URL('../../dist/', import.meta.url);

describe('the replacement', () => {
  it.each([
    ["import { a } from 'node:x';", "const { a } = process.getBuiltinModule('node:x');"],
    ["import { a as b, c } from 'node:x/y';", "const { a: b, c } = process.getBuiltinModule('node:x/y');"],
    ["import { type A, b } from 'node:x';", "const { b } = process.getBuiltinModule('node:x');"],
    ["import a from 'node:x';", "const a = process.getBuiltinModule('node:x');"],
    ["export { a as b } from 'node:x';", "export const { a: b } = process.getBuiltinModule('node:x');"],
    ["import {\n  a,\n  b,\n} from 'node:x';", "const {\n  a,\n  b,\n} = process.getBuiltinModule('node:x');"],
  ])('%j becomes %j', (source, replaced) => {
    expect(direct(source)).toBe(replaced);
  });

  it.each(["import type { A } from 'node:x';", " * import { a } from 'node:x';", "import { a } from 'x';"])(
    '%j stays',
    (source) => {
      expect(direct(source)).toBe(source);
    },
  );

  it('the replacement handles every import of a module of Node in src', () => {
    for (const [file, imports] of readImports()) {
      const source = readFileSync(new URL(`../../src/${file}`, import.meta.url), 'utf8');
      const values = imports.filter(({ to, isTypeOnly }) => to.startsWith('node:') && !isTypeOnly);
      expect(direct(source).split('process.getBuiltinModule(').length - 1, file).toBe(values.length);
    }
  });
});

describe('the build', () => {
  it('the entries and the chunks that they load import no module of Node', () => {
    // An older build may have left other chunks.
    const files = new Set(['index.js', 'worker.js', 'testing.js', 'threads-host.js', 'processes-host.js']);
    for (const file of files) {
      const text = readFileSync(new URL(file, dist), 'utf8');
      const modules = [...text.matchAll(/^import\b.*['"](.*)['"];$/gm)].map(([, module]) => module!);
      expect(modules.filter(isBuiltin), file).toEqual([]);
      for (const module of modules) if (module.startsWith('./')) files.add(module.slice(2));
    }
    expect(files.size).toBeGreaterThan(6);
  });

  it('the main entry opens no standard stream and loads no crypto', async () => {
    const program = fileURLToPath(new URL('index.js', dist));
    const { lines } = await runProgram(new URL('../fixtures/programs/loaded-parts-of-node.js', import.meta.url), {
      args: [program],
    });
    expect(lines.filter((line) => /internal\/crypto\/|internal\/tty|^NativeModule tty$/.test(line))).toEqual([]);
    expect(lines.length).toBeGreaterThan(5);
  });
});
