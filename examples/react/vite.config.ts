import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// Vite finds the worker's file by the form of `worker` in executor.ts, and builds it.
export default defineConfig({
  plugins: [react()],
  worker: { format: 'es' },
});
