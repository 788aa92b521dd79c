import { build } from 'esbuild';

await build({
  entryPoints: ['src/commonjs.js', 'src/tasks.worker.js'],
  outdir: 'bundle/commonjs',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
});
