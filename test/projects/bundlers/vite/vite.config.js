import { defineConfig } from 'vite';

export default defineConfig({
  build: {
    ssr: true,
    target: 'node20',
    outDir: 'bundle/ssr',
    rollupOptions: {
      input: ['src/main.js', 'src/tasks.worker.js'],
    },
  },
  // By default, an SSR build leaves packages out.
  ssr: { noExternal: true },
});
