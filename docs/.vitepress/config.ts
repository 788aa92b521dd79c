/** The site of the documentation. `npm run docs` builds it, `npm run docs:dev` serves it. */
import { defineConfig } from 'vitepress';
import { referenceSidebar, sidebar } from './pages.js';

export default defineConfig({
  title: 'rx-futures',
  description: 'Futures for Node that are RxJS Observables, run on worker threads, and chain to their final result.',
  /** The path of the site on its server, with slashes at both ends. */
  base: process.env.DOCS_BASE ?? '/',
  lastUpdated: false,
  // The search index of the reference is larger than Vite's default.
  vite: { build: { chunkSizeWarningLimit: 5_000 } },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Getting started', link: '/getting-started' },
      { text: 'Concepts', link: '/concepts' },
      { text: 'Playground', link: '/playground' },
      { text: 'Reference', link: '/reference/api/' },
    ],
    sidebar: { '/reference/api/': referenceSidebar(), '/': sidebar() },
  },
});
