import { defineConfig } from 'vite';

// With these headers, the page shares memory with its workers. It works without them too.
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  // The build works in any folder of a server.
  base: './',
  build: { target: 'es2022' },
  worker: { format: 'es' },
  server: { headers },
  preview: { headers },
});
