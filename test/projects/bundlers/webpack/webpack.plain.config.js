import { fileURLToPath } from 'node:url';

/** Without the files of the library that workers run. */
export default {
  mode: 'production',
  target: 'node20',
  entry: { plain: './src/plain.js' },
  output: {
    path: fileURLToPath(new URL('./bundle/plain', import.meta.url)),
    filename: '[name].js',
    module: true,
    chunkFormat: 'module',
  },
  experiments: { outputModule: true },
};
