import commonjs from '@rollup/plugin-commonjs';
import { nodeResolve } from '@rollup/plugin-node-resolve';

export default {
  input: {
    plain: 'src/plain.js',
    tasks: 'src/tasks.js',
    // The files that threads run.
    'threads-host': 'rx-futures/threads-host',
    'entry/worker': 'node_modules/tinypool/dist/entry/worker.js',
    // The files that child processes run.
    'processes-host': 'rx-futures/processes-host',
    'entry/process': 'node_modules/tinypool/dist/entry/process.js',
  },
  output: { dir: 'bundle/hosts', format: 'es' },
  plugins: [nodeResolve({ exportConditions: ['node'], preferBuiltins: true }), commonjs()],
};
