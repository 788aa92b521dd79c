import { build } from 'esbuild';

await build({
  entryPoints: ['src/main.js', 'src/tasks.worker.js'],
  outdir: 'bundle/two-files',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
});
