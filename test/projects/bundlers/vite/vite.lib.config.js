import { defineConfig } from 'vite';

// A library build is for browsers, unless the modules of Node are external.
const external = [/^node:/];

export default defineConfig({
  // The address of the worker's file is relative to the bundle.
  base: './',
  build: {
    lib: {
      entry: 'src/main.js',
      formats: ['es'],
      fileName: 'main',
    },
    target: 'node20',
    outDir: 'bundle/lib',
    rollupOptions: { external },
  },
  // Vite finds the worker's file by the form of `worker`, and builds it.
  worker: {
    format: 'es',
    rollupOptions: {
      external,
      output: { entryFileNames: 'tasks.worker.js' },
    },
  },
  resolve: { conditions: ['module', 'node'] },
});
