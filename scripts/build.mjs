// @ts-check
/**
 * Builds dist, unless it was built from the present sources:
 *
 *     node scripts/build.mjs           the whole package: ES modules, CommonJS and types
 *     node scripts/build.mjs --quick   only the ES modules, which the workers of tests load
 *     … --force                        builds in any case
 *
 * Every script of package.json that needs dist runs this file first. So no script tests old code,
 * and a gate of many scripts builds once.
 *
 * `.cache/build.json` notes a hash of the sources and a hash of dist. Both must still be true, so a
 * change of either side leads to a new build. The hashes are of contents, because Git and copies
 * change the times of files. They take about 20 ms.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Everything that the files in dist depend on. The lockfile stands for the tools. */
const SOURCES = ['src', 'scripts', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsup.config.ts'];

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = path.join(root, 'dist');
const note = path.join(root, '.cache', 'build.json');

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const isQuick = process.argv.includes('--quick');
  if (process.argv.includes('--force') || !isBuilt(isQuick)) build(isQuick);
}

/**
 * Returns true if dist was built from the present sources. A quick build may be a part of a whole
 * one.
 *
 * @param {boolean} [isQuick]
 */
export function isBuilt(isQuick = false) {
  if (!existsSync(note) || !existsSync(dist)) return false;
  const built = JSON.parse(readFileSync(note, 'utf8'));
  return (isQuick || built.isWhole) && built.sources === hashOf(SOURCES) && built.dist === hashOf(['dist']);
}

/** @param {boolean} isQuick */
function build(isQuick) {
  // The hash is of the sources before the build, so that a change during the build is not missed.
  const sources = hashOf(SOURCES);
  const tsup = path.join(
    path.dirname(createRequire(import.meta.url).resolve('tsup/package.json')),
    'dist/cli-default.js',
  );
  run(tsup, ...(isQuick ? ['--no-dts', '--silent'] : []));
  run(path.join(root, 'scripts/build-web.mjs'));
  run(path.join(root, 'scripts/build-dashboard.mjs'));
  if (!isQuick) run(path.join(root, 'scripts/build-commonjs.mjs'));
  mkdirSync(path.dirname(note), { recursive: true });
  // Two builds may run at once. Each note replaces the other as a whole.
  writeFileSync(`${note}.${process.pid}`, JSON.stringify({ isWhole: !isQuick, sources, dist: hashOf(['dist']) }));
  renameSync(`${note}.${process.pid}`, note);
}

/** @param {string[]} command */
function run(...command) {
  execFileSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
}

/** @param {readonly string[]} parts files and folders */
function hashOf(parts) {
  const hash = createHash('sha256');
  for (const part of parts)
    for (const file of filesOf(part)) hash.update(`${file}\n`).update(readFileSync(path.join(root, file)));
  return hash.digest('hex');
}

/**
 * @param {string} part
 * @returns {string[]}
 */
function filesOf(part) {
  const absolute = path.join(root, part);
  if (!existsSync(absolute)) return [];
  if (!statSync(absolute).isDirectory()) return [part];
  const files = readdirSync(absolute, { recursive: true, encoding: 'utf8' });
  return files
    .map((file) => path.join(part, file))
    .filter((file) => statSync(path.join(root, file)).isFile())
    .sort();
}
