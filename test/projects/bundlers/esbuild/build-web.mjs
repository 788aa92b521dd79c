import { build } from 'esbuild';

await build({
  entryPoints: ['src/page.js', 'src/tasks.worker.js'],
  outdir: 'bundle/web',
  bundle: true,
  format: 'esm',
  minify: true,
});
