import { build } from 'esbuild';

await build({
  entryPoints: {
    plain: 'src/plain.js',
    tasks: 'src/tasks.js',
    // The files that threads run.
    'threads-host': 'rx-futures/threads-host',
    'entry/worker': 'node_modules/tinypool/dist/entry/worker.js',
    // The files that child processes run.
    'processes-host': 'rx-futures/processes-host',
    'entry/process': 'node_modules/tinypool/dist/entry/process.js',
  },
  outdir: 'bundle/hosts',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
});
