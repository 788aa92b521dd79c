/**
 * Runs the checks of programs/promises.mjs on Bun, which it takes from npm: npm run test:bun [-- <version>]. A check must hold, or be declared
 * below as a difference with its reason. A declared difference that holds fails the run too, so that the list stays true.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { conclude, root, run } from './checks.mjs';

/** What differs from Node, as of Bun 1.4.5. */
const differences = {
  'runs tasks in child processes':
    'tinypool sends a MessagePort along with its first message to a child; Node drops the port, Bun throws a DataCloneError.',
};

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error(`The package of Bun is for Linux on x64. This is ${process.platform} on ${process.arch}.`);
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

/** The path of the binary. The platform's package has no install script. */
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
    // What hangs is killed, and has no exit code then.
    const { code, text } = await run(bun, [program, name], { cwd: root, timeout: 20_000 });
    const reason = differences[name];
    const isOk = reason === undefined ? code === 0 : code !== 0;
    const what = reason === undefined ? name : `${name}: differs, as declared. ${reason}`;
    checks.push({ name: what, isOk, text: `exit code ${code}\n${text}` });
  }
  return checks;
}
