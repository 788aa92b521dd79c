import { defineConfig } from 'vite';

export default defineConfig({
  root: 'src',
  build: {
    outDir: '../bundle/web',
    rollupOptions: { input: 'src/page.html' },
  },
  // Vite finds the worker's file by the form of `worker`, and builds it.
  worker: { format: 'es' },
});
