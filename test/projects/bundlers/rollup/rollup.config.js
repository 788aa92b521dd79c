import commonjs from '@rollup/plugin-commonjs';
import { nodeResolve } from '@rollup/plugin-node-resolve';

export default {
  input: ['src/main.js', 'src/tasks.worker.js'],
  output: { dir: 'bundle/two-files', format: 'es' },
  // rxjs is CommonJS for Node.
  plugins: [nodeResolve({ exportConditions: ['node'], preferBuiltins: true }), commonjs()],
};
