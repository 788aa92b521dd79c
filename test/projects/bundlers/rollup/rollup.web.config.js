import { nodeResolve } from '@rollup/plugin-node-resolve';

export default {
  input: ['src/page.js', 'src/tasks.worker.js'],
  output: { dir: 'bundle/web', format: 'es' },
  plugins: [nodeResolve({ browser: true, exportConditions: ['browser'] })],
};
