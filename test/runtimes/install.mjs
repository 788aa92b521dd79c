// @ts-check
/** Installs Bun or Deno from npm into a temporary folder. Their packages need no install script. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The versions that CI tests. */
const versions = { bun: '1.4.5', deno: '2.9.6' };

/**
 * Returns how to run a program, and what removes the runtime again.
 *
 * @param {string} name `bun`, `deno` or `node`, which is the Node that runs this script
 * @param {string | undefined} version
 * @param {string | undefined} binary a runtime that is installed
 * @returns {{ command: readonly string[], remove(): void }}
 */
export function install(name, version, binary) {
  if (name === 'node') return { command: [binary ?? process.execPath, '--expose-gc'], remove() {} };
  if (name !== 'bun' && name !== 'deno') throw new Error(`Expected bun, deno or node, got "${name}".`);
  const args = name === 'bun' ? ['--expose-gc'] : ['run', '--allow-all', '--no-check', '--v8-flags=--expose-gc'];
  if (binary !== undefined) return { command: [binary, ...args], remove() {} };
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `test:${name} installs the package for Linux on x64. This is ${process.platform} on ${process.arch}. Pass the path of an installed ${name}: --bin=<path>.`,
    );
  }
  const home = mkdtempSync(path.join(tmpdir(), `rx-futures-${name}-`));
  const remove = () => rmSync(home, { recursive: true, force: true });
  const [pack, file] = name === 'bun' ? [bunPackage(), 'bin/bun'] : ['@deno/linux-x64-glibc', 'deno'];
  const options = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', '--prefix', home];
  const wanted = `${pack}@${version ?? versions[name]}`;
  const { status, stderr } = spawnSync('npm', ['install', ...options, wanted], { encoding: 'utf8' });
  if (status !== 0) {
    remove();
    throw new Error(`npm could not install ${wanted}: ${stderr}`);
  }
  return { command: [path.join(home, 'node_modules', pack, file), ...args], remove };
}

function bunPackage() {
  const cpu = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  return /\bavx2\b/.test(cpu) ? '@oven/bun-linux-x64' : '@oven/bun-linux-x64-baseline';
}
