/**
 * Runs the checks of programs/promises.mjs on Bun, which it installs from npm:
 *
 *   npm run test:bun [-- <version>]
 *
 * Each check must pass, or be declared in `differences` with its reason. A declared difference that
 * passes fails the run too, so that the list stays true.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { conclude, root, run } from './checks.mjs';

/** Checks that fail on Bun 1.4.5, each with its reason. */
const differences = {
  'runs tasks in child processes':
    'tinypool sends a MessagePort with its first message to a child process. Node drops the port. Bun throws a DataCloneError.',
};

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error(
    `test:bun needs Linux on x64, because it installs the package of Bun for it. This is ${process.platform} on ${process.arch}.`,
  );
  process.exit(2);
}
const [version = 'latest'] = process.argv.slice(2);
const home = mkdtempSync(path.join(tmpdir(), 'rx-futures-bun-'));
try {
  const bun = await install();
  const { text } = await run(bun, ['--version']);
  conclude(`Bun ${text.trim()}`, await checksOf(bun));
} finally {
  rmSync(home, { recursive: true, force: true });
}

/**
 * Installs Bun and returns the path of its binary. The platform's package needs no install script.
 */
async function install() {
  const cpu = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  const name = /\bavx2\b/.test(cpu) ? '@oven/bun-linux-x64' : '@oven/bun-linux-x64-baseline';
  const options = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', '--prefix', home];
  const { code, text } = await run('npm', ['install', ...options, `${name}@${version}`]);
  if (code !== 0) throw new Error(`npm could not install ${name}@${version}: ${text}`);
  return path.join(home, 'node_modules', name, 'bin', 'bun');
}

async function checksOf(bun) {
  const program = fileURLToPath(new URL('./programs/promises.mjs', import.meta.url));
  const { text: names } = await run(process.execPath, [program]);
  const checks = [];
  for (const name of names.split('\n').filter(Boolean)) {
    // A program that hangs is killed. Its exit code is `null`.
    const { code, text } = await run(bun, [program, name], { cwd: root, timeout: 20_000 });
    const reason = differences[name];
    const isOk = reason === undefined ? code === 0 : code !== 0;
    const title = reason === undefined ? name : `${name}: differs, as declared. ${reason}`;
    checks.push({ name: title, isOk, text: `exit code ${code}\n${text}` });
  }
  return checks;
}
