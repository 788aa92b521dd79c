import { fileURLToPath } from 'node:url';

export default {
  mode: 'production',
  target: 'node20',
  entry: { main: './src/main.js' },
  output: {
    path: fileURLToPath(new URL('./bundle/two-files', import.meta.url)),
    filename: '[name].js',
    module: true,
    chunkFormat: 'module',
  },
  experiments: { outputModule: true },
  module: {
    parser: {
      javascript: {
        // webpack finds the worker's file by the form of `worker`. It does not know `node:`.
        worker: ['Worker from node:worker_threads', '...'],
      },
    },
  },
  optimization: { chunkIds: 'named', splitChunks: false },
};
