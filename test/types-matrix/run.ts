/**
 * Checks the types of the built package with several versions of TypeScript.
 *
 *   npm run test:types:matrix                with all versions
 *   npm run test:types:matrix -- 5.4 7.0     with some of them
 *
 * If a class has overloads, the types that TypeScript infers from it depend on earlier comparisons.
 * The `cases` are therefore checked in several orders, and each order is a separate program.
 */
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isBuilt } from '../../scripts/build.mjs';
import { readOrders } from './orders.js';
import { type Project, projects } from './projects.js';

const here = fileURLToPath(new URL('./', import.meta.url));
const root = path.join(here, '../..');
const installed = path.join(here, 'node_modules');

if (!isBuilt()) throw new Error('types-matrix: dist is missing or old. Run npm run build first.');
install();
const home = mkdtempSync(path.join(tmpdir(), 'rx-futures-types-'));
try {
  process.exitCode = (await runAll()) ? 0 : 1;
} finally {
  rmSync(home, { recursive: true, force: true });
}

/** Installs the compilers if they are missing or older than the lock file. */
function install(): void {
  const [lock, mark] = [path.join(here, 'package-lock.json'), path.join(installed, '.package-lock.json')];
  if (existsSync(mark) && statSync(mark).mtimeMs > statSync(lock).mtimeMs) return;
  execFileSync('npm', ['ci', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: here,
    stdio: 'inherit',
  });
}

async function runAll(): Promise<boolean> {
  layOut();
  const verdicts = (await Promise.all(wanted().map(checkAll))).flat();
  const failed = verdicts.filter((isRight) => !isRight).length;
  console.log(`${verdicts.length - failed} passed, ${failed} failed`);
  return failed === 0;
}

/** Returns the versions that the command names, or all. */
function wanted(): readonly string[] {
  const versions = [...new Set(projects.flatMap((project) => project.versions))];
  const named = process.argv.slice(2);
  const unknown = named.filter((version) => !versions.includes(version));
  if (unknown.length > 0) {
    throw new RangeError(`types-matrix: unknown versions: ${unknown.join(', ')}. Name some of ${versions.join(', ')}.`);
  }
  return named.length === 0 ? versions : named;
}

/** Checks all projects of a version in one process. Returns for each program whether it passed. */
async function checkAll(version: string): Promise<boolean[]> {
  const programs = projects
    .filter(({ versions }) => versions.includes(version))
    .flatMap((project) => readOrders()[project.orders].map((_, index) => ({ project, index })));
  const configs = programs.map(({ project, index }) => {
    const config = path.join(home, project.folder, `${project.name} ${version} ${index}.json`);
    const files = [`${project.orders}-${index}.ts`];
    writeFileSync(config, JSON.stringify({ compilerOptions: project.options, files }));
    return config;
  });
  const compiler = path.join(here, 'compile.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [compiler, version, ...configs], {
    maxBuffer: 2 ** 28,
  });
  return (JSON.parse(stdout) as string[]).map((errors, position) => {
    const { project, index } = programs[position]!;
    const isRight = isExpected(errors, project);
    const text = isRight ? '' : `\n${errors || `The program compiles, but ${project.refusal} was expected.`}`;
    console.log(`${isRight ? 'ok' : 'FAILED'}  TypeScript ${version}, ${project.name}, order ${index + 1}${text}`);
    return isRight;
  });
}

function isExpected(errors: string, { refusal }: Project): boolean {
  const codes = errors.match(/TS\d+/g) ?? [];
  return refusal === undefined ? errors === '' : codes.length > 0 && codes.every((code) => code === refusal);
}

/** Creates the folders of the projects, each with the package installed as npm installs it. */
function layOut(): void {
  const orders = readOrders();
  for (const [folder, type, rxjs] of [
    ['esm', 'module', path.join(root, 'node_modules/rxjs')],
    ['commonjs', 'commonjs', path.join(root, 'node_modules/rxjs')],
    ['older-rxjs', 'module', path.join(installed, 'rxjs-7.8.1')],
  ] as const) {
    const app = path.join(home, folder);
    const modules = path.join(app, 'node_modules');
    mkdirSync(path.join(modules, 'rx-futures/node_modules'), { recursive: true });
    mkdirSync(path.join(modules, '@types'));
    cpSync(path.join(root, 'package.json'), path.join(modules, 'rx-futures/package.json'));
    cpSync(path.join(root, 'dist'), path.join(modules, 'rx-futures/dist'), { recursive: true });
    symlinkSync(rxjs, path.join(modules, 'rxjs'));
    if (folder === 'older-rxjs') {
      symlinkSync(path.join(root, 'node_modules/rxjs'), path.join(modules, 'rx-futures/node_modules/rxjs'));
    }
    for (const name of ['@types/node', 'undici-types'])
      symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name));
    writeFileSync(path.join(app, 'package.json'), JSON.stringify({ type }));
    for (const [kind, texts] of Object.entries(orders) as [string, readonly string[]][]) {
      for (const [index, text] of texts.entries()) writeFileSync(path.join(app, `${kind}-${index}.ts`), text);
    }
  }
}
