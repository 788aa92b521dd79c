import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/main.js', 'src/tasks.worker.js'],
  outDir: 'bundle/two-files',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // By default, tsup leaves out the packages in `dependencies`.
  noExternal: [/./],
});
