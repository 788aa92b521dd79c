/**
 * Runs tasks under Node's permission model: with the flags that docs/getting-started.md
 * names, and with one of them missing.
 *
 *   npm run test:permission
 */
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { conclude, program, RESULT, root, run } from './checks.mjs';

const model = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
// `node_modules` may be a link to a folder elsewhere, which then needs a flag of its own.
const folders = new Set([root, realpathSync(path.join(root, 'node_modules'))]);
const read = [...folders].map((folder) => `--allow-fs-read=${path.join(folder, '*')}`);

const cases = [
  ['threads with --allow-fs-read and --allow-worker', 'worker_threads', [...read, '--allow-worker'], true],
  ['threads without --allow-worker are refused', 'worker_threads', read, false],
  ['threads without --allow-fs-read are refused', 'worker_threads', ['--allow-worker'], false],
  [
    'processes with --allow-fs-read and --allow-child-process',
    'child_process',
    [...read, '--allow-child-process'],
    true,
  ],
  ['processes without --allow-child-process are refused', 'child_process', read, false],
];

const checks = [];
for (const [name, runtime, flags, works] of cases) {
  const { code, text } = await run(process.execPath, [model, ...flags, program, runtime], { cwd: root });
  const isOk = works ? code === 0 && text.includes(RESULT) : code !== 0 && text.includes('ERR_ACCESS_DENIED');
  checks.push({ name, isOk, text: `exit code ${code}\n${text}` });
}
conclude(`Node ${process.versions.node} with ${model}`, checks);
