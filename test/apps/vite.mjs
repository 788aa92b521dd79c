// @ts-check
/** Starts the development server of the application for React. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * @param {string} root the folder of the application
 * @returns {Promise<{ address: string, close(): Promise<void> }>}
 */
export async function serveReact(root) {
  // The application has a Vite of its own.
  const vite = createRequire(path.join(root, 'package.json')).resolve('vite');
  /** @type {typeof import('vite')} */
  const { createServer } = await import(pathToFileURL(vite).href);
  const server = await createServer({ root, logLevel: 'warn', server: { port: 0 } });
  await server.listen();
  return { address: server.resolvedUrls?.local[0] ?? '', close: () => server.close() };
}
