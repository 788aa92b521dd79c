/** Runs a program under `node --watch`, changes its files, and looks whether it runs again and well: npm run test:watch-mode */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { conclude, program, RESULT, root } from './checks.mjs';

/** ms for one run. */
const HANGS_AFTER = 60_000;

/** From this Node on, threads report the modules that they import to the watcher. */
const WATCHES_THREADS = 24;
const major = Number.parseInt(process.versions.node, 10);

const checks = [];
for (const runtime of ['worker_threads', 'child_process']) {
  const folder = mkdtempSync(path.join(tmpdir(), 'rx-futures-watch-'));
  mkdirSync(path.join(folder, 'node_modules'));
  symlinkSync(root, path.join(folder, 'node_modules', 'rx-futures'), 'junction');
  const main = path.join(folder, 'main.mjs');
  const tasks = path.join(folder, 'tasks.mjs');
  writeFileSync(main, readFileSync(program));
  writeFileSync(tasks, readFileSync(new URL('./programs/tasks.mjs', import.meta.url)));

  const watched = watch(main, runtime, folder);
  checks.push(await watched.expect(`${runtime}: the first run`, RESULT));
  append(main, '// changed');
  checks.push(await watched.expect(`${runtime}: runs again when the program has changed`, RESULT));
  if (runtime === 'worker_threads' && major >= WATCHES_THREADS) {
    writeFileSync(tasks, readFileSync(tasks, 'utf8').replace('a + b', 'a + b + 100'));
    const changed = RESULT.replace('"chained":6', '"chained":206');
    checks.push(await watched.expect(`${runtime}: runs again when the task module has changed`, changed));
  }
  await watched.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
}
conclude(`Node ${process.versions.node} with --watch`, checks);

function append(file, text) {
  writeFileSync(file, `${readFileSync(file, 'utf8')}\n${text}\n`);
}

/** The watching process, and what its runs print. */
function watch(main, runtime, cwd) {
  const child = spawn(process.execPath, ['--watch', main, runtime], { cwd });
  const ended = new Promise((resolve) => child.on('close', resolve));
  let text = '';
  let look = () => {};
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      text += chunk;
      look();
    });
  }
  return {
    /** Waits until a run has printed `line` and has completed. What comes later belongs to the next run. */
    async expect(name, line) {
      const isOk = await new Promise((resolve) => {
        const timer = setTimeout(() => resolve(false), HANGS_AFTER);
        look = () => {
          // "Completed running", or "Failed running".
          if (!/(Completed|Failed) running/.test(text)) return;
          clearTimeout(timer);
          resolve(text.includes(line) && text.includes('Completed running'));
        };
        look();
      });
      const check = { name, isOk, text };
      text = '';
      return check;
    },
    stop() {
      child.kill('SIGKILL');
      return ended;
    },
  };
}
