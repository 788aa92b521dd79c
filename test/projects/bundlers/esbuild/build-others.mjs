/** Bundles for tests alone: one file, minified, and without the files that workers run. */
import { build } from 'esbuild';

const options = { bundle: true, platform: 'node', format: 'esm', target: 'node20' };
await build({ ...options, entryPoints: ['src/one-file.js'], outdir: 'bundle/one-file' });
await build({
  ...options,
  entryPoints: ['src/main.js', 'src/tasks.worker.js'],
  outdir: 'bundle/minified',
  minify: true,
});
await build({ ...options, entryPoints: ['src/plain.js', 'src/tasks.js'], outdir: 'bundle/plain' });
// Without the files of tinypool.
await build({
  ...options,
  entryPoints: {
    plain: 'src/plain.js',
    tasks: 'src/tasks.js',
    'threads-host': 'rx-futures/threads-host',
    'processes-host': 'rx-futures/processes-host',
  },
  outdir: 'bundle/half',
});
