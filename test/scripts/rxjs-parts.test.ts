/** The build loads parts of RxJS instead of the whole package. They are the program's own RxJS. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { builtinModules, createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as rxjs from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parts } from '../../scripts/rxjs-parts.mjs';
import { valuesFrom } from '../support/imports.js';
import { runProgram } from '../support/run-program.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const require = createRequire(import.meta.url);
const all: Record<string, string> = { ...parts.eager, ...parts.lazy };

describe('the list of parts', () => {
  it('the list contains the names that src imports from rxjs, and no others', () => {
    expect(Object.keys(all).sort()).toEqual([...valuesFrom('rxjs')].sort());
  });

  it('each part is the same object as the export of rxjs', () => {
    for (const [name, file] of Object.entries(all)) {
      const part = require(`rxjs/internal/${file}`)[name];
      expect(part, name).toBeDefined();
      expect(part, name).toBe(require('rxjs')[name]);
      expect(part, name).toBe((rxjs as Record<string, unknown>)[name]);
    }
  });
});

describe('the conditions', () => {
  const conditions = ['module', 'node', 'require', 'es2015', 'browser'];
  const subsets = Array.from({ length: 2 ** conditions.length }, (_, bits) =>
    conditions.filter((_name, place) => bits & (1 << place)),
  );
  const ours = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).imports['#rxjs'];
  const theirs = JSON.parse(readFileSync(require.resolve('rxjs/package.json'), 'utf8')).exports;

  it.each(subsets)(
    'a program and the library get the same build of rxjs with the conditions %s %s %s %s %s',
    (...set) => {
      const active = new Set(set.filter((name) => typeof name === 'string'));
      const program = buildOf(resolve(theirs['.'], active));
      const file = resolve(ours, active);
      // `require` inside the CommonJS file adds a condition.
      const inside = file.endsWith('.cjs') ? new Set([...active, 'require']) : active;
      expect(buildOf(resolve(theirs['./internal/*'], inside))).toBe(program);
    },
  );

  function resolve(targets: Record<string, string>, active: ReadonlySet<string>): string {
    const [, target] = Object.entries(targets).find(([name]) => name === 'default' || active.has(name))!;
    return target;
  }

  /** Returns `cjs` of `./dist/cjs/index.js`. */
  function buildOf(target: string): string {
    return target.split('/')[2]!;
  }
});

describe('a program', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'rx-futures-rxjs-'));
    await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const library = JSON.stringify(path.join(root, 'dist/index.js'));
  const check = `
    const outcome = [];
    outcome.push(new Deferred().future instanceof Observable, of(1) instanceof Observable);
    of(1, 2).pipe(chain((n) => n * 2), toArray()).subscribe((values) => outcome.push(values));
    throwError(() => 3).pipe(recover((n) => n + 1)).subscribe((value) => outcome.push(value));
    Future.from(EMPTY).catch((error) => outcome.push(error instanceof EmptyError)).then(() => console.log(JSON.stringify(outcome)));
  `;
  const names = 'EMPTY, EmptyError, Observable, of, throwError, toArray';
  const imports = `import { chain, Deferred, Future, recover } from ${library}; import { ${names} } from 'rxjs';`;
  const requires = `const { chain, Deferred, Future, recover } = require(${library}); const { ${names} } = require('rxjs');`;
  const passed = ['[true,true,[2,4],4,true]'];

  it('an ES module shares the classes of rxjs with the library', async () => {
    expect((await run('esm.mjs', imports + check)).lines).toEqual(passed);
  });

  it('a CommonJS module shares the classes of rxjs with the library', async () => {
    expect((await run('cjs.cjs', requires + check)).lines).toEqual(passed);
  });

  it.each([
    ['node', 'esm', []],
    ['node', 'esm', ['rxjs']],
    ['node', 'cjs', []],
    ['browser', 'esm', []],
    ['neutral', 'esm', []],
  ] as const)(
    'a bundle of esbuild for platform "%s" as %s, with externals %j, has one copy of the classes',
    async (platform, format, external) => {
      const { build } = createRequire(require.resolve('tsup'))('esbuild');
      const name = `${platform}-${format}-${external.length}`;
      const outfile = path.join(folder, `${name}.${format === 'cjs' ? 'cjs' : 'mjs'}`);
      await writeFile(path.join(folder, `${name}-in.mjs`), imports + check);
      await build({
        entryPoints: [path.join(folder, `${name}-in.mjs`)],
        outfile,
        bundle: true,
        platform,
        format,
        external: [...external, 'tinypool', ...builtinModules],
        logLevel: 'error',
      });
      const { lines, stderr } = await runProgram(pathToFileURL(outfile));
      expect([lines, stderr]).toEqual([passed, '']);
    },
  );

  it('an executor that has run a task loads no operator of rxjs', async () => {
    const { lines } = await run(
      'loaded.mjs',
      `import { createRequire } from 'node:module';
      import { Executor } from ${library};
      const executor = new Executor();
      console.log(await executor.submit((n) => n + 1, 1));
      const files = Object.keys(createRequire(import.meta.url).cache).filter((file) => file.includes('rxjs'));
      const others = /internal[\\/](operators|observable|scheduler[\\/](?!timeoutProvider))|cjs[\\/]index/;
      console.log(JSON.stringify(files.filter((file) => others.test(file))));
      console.log(files.length);`,
    );
    expect(lines.slice(0, 2)).toEqual(['2', '[]']);
    // The file of the parts, and what an Observable needs.
    expect(Number(lines[2])).toBe(18);
  });

  async function run(name: string, text: string) {
    await writeFile(path.join(folder, name), text);
    return runProgram(pathToFileURL(path.join(folder, name)));
  }
});
