/**
 * The package as users receive it: packed, installed in its own folder, and run by other tools than
 * those of the tests.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isBuilt } from '../../scripts/build.mjs';
import { blocksOf, expectedOf } from '../docs/blocks.js';
import { budget } from './budget.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const consumers = fileURLToPath(new URL('../fixtures/consumers/', import.meta.url));
const run = promisify(execFile);

/** The texts that npm adds to every package, and the changelog. */
const TEXTS = ['README.md', 'LICENSE', 'CHANGELOG.md'];

let folder = '';
let packed: { readonly filename: string; readonly size: number; readonly files: readonly { path: string }[] };

beforeAll(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'rx-futures-pack-')));
  const home = isBuilt() ? root : await buildCopy();
  const { stdout } = await npm(home, 'pack', '--ignore-scripts', '--json', '--pack-destination', folder);
  [packed] = JSON.parse(stdout);
  await run('tar', ['-xzf', path.join(folder, packed.filename), '-C', folder]);
  // The folder has the layout that npm would create. No network is needed.
  const modules = path.join(folder, 'app', 'node_modules');
  await mkdir(path.join(modules, '@types'), { recursive: true });
  await rename(path.join(folder, 'package'), path.join(modules, 'rx-futures'));
  for (const name of ['rxjs', 'tslib', 'tinypool', 'tsx', 'typescript', '@types/node']) {
    await symlink(path.join(root, 'node_modules', name), path.join(modules, name));
  }
  await cp(consumers, path.join(folder, 'app'), { recursive: true });
}, 120_000);

/**
 * Builds the package in a copy, because workers of other tests load the files in dist meanwhile.
 * Returns the folder of the copy.
 */
async function buildCopy(): Promise<string> {
  const copy = path.join(folder, 'copy');
  for (const part of [...TEXTS, 'src', 'scripts', 'package.json', 'tsconfig.json', 'tsup.config.ts']) {
    await cp(path.join(root, part), path.join(copy, part), { recursive: true });
  }
  await symlink(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  await npm(copy, 'run', 'build');
  return copy;
}

function npm(cwd: string, ...args: string[]) {
  // npm is a batch file on Windows, and a batch file needs a shell.
  return run('npm', args, { cwd, shell: process.platform === 'win32' });
}

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Returns the output of a program of the app. The program must end by itself. */
async function output(...command: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, command, { cwd: path.join(folder, 'app'), timeout: 20_000 });
  return stdout;
}

describe('the packed package', () => {
  it('the package runs from an ES module', async () => {
    expect(await output('main.mjs')).toBe('5 2 inline\n');
  });

  it('the package runs from CommonJS, through require', async () => {
    expect(await output('main.cjs')).toBe('5 5\n');
  });

  it('require and import return the same classes', async () => {
    const entries = ['', '/worker', '/testing', '/terminal', '/dashboard', '/trace'].map(
      (entry) => `rx-futures${entry}`,
    );
    const program = `
      const same = async (entry) => {
        const [required, imported] = [require(entry), await import(entry)];
        return Object.keys(required).every((name) => name === '__esModule' || required[name] === imported[name]);
      };
      Promise.all(${JSON.stringify(entries)}.map(same)).then((all) => console.log(all.join()));`;
    expect(await output('-e', program)).toBe(`${entries.map(() => true).join()}\n`);
  });

  it('the CommonJS build runs tasks on threads, without an ES module on its side', async () => {
    const program = `
      const { Executor } = require('./node_modules/rx-futures/dist/index.cjs');
      const executor = new Executor({ maxWorkers: 1 });
      executor.submit((n) => n * 2, 21).then(console.log).finally(() => executor.shutdown());`;
    expect(await output('--no-experimental-require-module', '-e', program)).toBe('42\n');
  });

  it('the package runs TypeScript, including the tasks, through tsx', async () => {
    const tsx = path.join('node_modules', 'tsx', 'dist', 'cli.mjs');
    expect(await output(tsx, 'main.ts')).toBe('saved example.org\nexample.org fulfilled\nsaved example.org\n');
  });

  it('the types infer the worked example without annotations, and refuse wrong calls', async () => {
    const tsc = path.join('node_modules', 'typescript', 'bin', 'tsc');
    const checked = await output(tsc, '--noEmit', '-p', 'tsconfig.json').catch((failure) => failure.stdout);
    expect(checked).toBe('');
  });

  it('the first program of the README compiles with the tsconfig.json of docs/getting-started.md, and runs', {
    timeout: 60_000,
  }, async () => {
    const readme = await readFile(path.join(root, 'README.md'), 'utf8');
    const guide = await readFile(path.join(root, 'docs/getting-started.md'), 'utf8');
    const [tasks, main] = blocksOf(readme);
    const home = path.join(folder, 'app', 'readme');
    await mkdir(home);
    const files = {
      'tasks.ts': tasks!.code,
      'main.ts': main!.code,
      'tsconfig.json': /```json\n(.*?)```/s.exec(guide)![1]!,
    };
    for (const [name, text] of Object.entries(files)) await writeFile(path.join(home, name), text);
    await output(path.join('node_modules', 'typescript', 'bin', 'tsc'), '-p', home);
    const printed = (await output(path.join(home, 'main.js'))).trim().split('\n');
    expect(printed.toSorted()).toEqual(expectedOf(main!)!.lines.toSorted());
  });

  it('the package contains the files that it needs, and no others', () => {
    const files = packed.files.map((file) => file.path);
    const isKnown =
      /^(dist\/(web\/)?[\w.-]+\.(c?js|js\.map|d\.c?ts)|dist\/dashboard\/\w+\.(js|css|html|svg)|dist\/rxjs\/parts\.[cm]js|src\/.+\.ts|package\.json)$/;
    expect(files.filter((file) => !isKnown.test(file)).toSorted()).toEqual(TEXTS.toSorted());
    for (const file of [
      'dist/index.js',
      'dist/index.d.ts',
      'dist/index.cjs',
      'dist/index.d.cts',
      'dist/worker.js',
      'dist/testing.js',
      'dist/terminal.js',
      'dist/trace.js',
      'dist/opentelemetry.js',
      'dist/dashboard.js',
      'dist/dashboard/index.html',
      'dist/dashboard/page.js',
      'dist/dashboard/styles.css',
      'dist/dashboard/icon.svg',
      'dist/threads-host.js',
      'dist/processes-host.js',
      'dist/rxjs/parts.cjs',
      'dist/web/index.js',
      'dist/web/worker.js',
      'dist/web/worker-host.js',
      'dist/rxjs/parts.mjs',
    ]) {
      expect(files).toContain(file);
    }
  });

  it('the package has a source map for each file of Node, which names sources that the package contains', async () => {
    const home = path.join(folder, 'app', 'node_modules', 'rx-futures');
    const scripts = packed.files.map((file) => file.path).filter((file) => /^dist\/[^/]+\.js$/.test(file));
    for (const script of scripts) {
      const { sources } = JSON.parse(await readFile(path.join(home, `${script}.map`), 'utf8'));
      for (const source of sources) await readFile(path.join(home, path.dirname(script), source));
    }
    expect(scripts.length).toBeGreaterThan(6);
  });

  it('stacks of the package name TypeScript sources with --enable-source-maps', async () => {
    const program = "try { require('rx-futures').all([1]) } catch (error) { console.log(error.stack) }";
    expect(await output('--enable-source-maps', '-e', program)).toMatch(/rx-futures\/src\/[\w/-]+\.ts:\d+:\d+/);
  });

  it('the package weighs no more than its budget', () => {
    console.log(`tarball: ${packed.size} of ${budget.tarball} bytes`);
    expect(packed.size).toBeLessThanOrEqual(budget.tarball);
  });
});
