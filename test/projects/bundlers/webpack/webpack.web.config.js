import { fileURLToPath } from 'node:url';

// webpack finds the worker's file by the form of `worker`, and builds it.
export default {
  mode: 'production',
  entry: { page: './src/page.js' },
  output: { path: fileURLToPath(new URL('./bundle/web', import.meta.url)) },
};
