/**
 * Builds the documentation (`build`), or serves it and rebuilds it after each change (`dev`). The
 * tools have their own package.json in docs/. They are installed there if they are missing or old.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const docs = fileURLToPath(new URL('../docs/', import.meta.url));
const [command = 'build', ...rest] = process.argv.slice(2);

if (!isInstalled())
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: docs,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
// The programs of the playground load the library from the site.
execFileSync(process.execPath, [fileURLToPath(new URL('playground.mjs', import.meta.url))], { stdio: 'inherit' });
rmSync(path.join(docs, 'reference/api'), { recursive: true, force: true });
run('typedoc', 'bin/typedoc', []);
run('vitepress', 'bin/vitepress.js', [command, ...rest]);

function isInstalled() {
  const installed = path.join(docs, 'node_modules/.package-lock.json');
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(path.join(docs, 'package-lock.json')).mtimeMs;
}

/** @param {string} name @param {string} script @param {string[]} args */
function run(name, script, args) {
  try {
    execFileSync(process.execPath, [path.join(docs, 'node_modules', name, script), ...args], {
      cwd: docs,
      stdio: 'inherit',
    });
  } catch (error) {
    process.exit(error.status || 1);
  }
}
