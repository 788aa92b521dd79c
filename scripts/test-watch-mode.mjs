/**
 * Runs a program under `node --watch`, changes its files, and checks that it runs again and
 * succeeds.
 *
 *   npm run test:watch-mode
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { conclude, program, RESULT, root } from './checks.mjs';

/** Time limit of one run in ms. */
const HANGS_AFTER = 60_000;

/**
 * First major version of Node whose worker threads report their imported modules to the watcher.
 */
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

/** Starts a process with `--watch` and collects the output of its runs. */
function watch(main, runtime, cwd) {
  const child = spawn(process.execPath, ['--watch', main, runtime], { cwd });
  const ended = new Promise((resolve) => child.on('close', resolve));
  let text = '';
  let checkOutput = () => {};
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      text += chunk;
      checkOutput();
    });
  }
  return {
    /**
     * Waits until a run has completed and checks that it printed `line`. Later output belongs to
     * the next run.
     */
    async expect(name, line) {
      const isOk = await new Promise((resolve) => {
        const timer = setTimeout(() => resolve(false), HANGS_AFTER);
        checkOutput = () => {
          // Node prints "Completed running" or "Failed running" at the end of each run.
          if (!/(Completed|Failed) running/.test(text)) return;
          clearTimeout(timer);
          resolve(text.includes(line) && text.includes('Completed running'));
        };
        checkOutput();
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
