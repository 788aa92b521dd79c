// @ts-check
/** Serves the files of tests, and the state of their gates. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';

/** Time in ms after which the server answers that a gate is shut. */
const SHUT_ANSWER_MS = 10;

const NONCE = 'rxfutures';
const PAGE = `<!doctype html><title>rx-futures</title><link rel="icon" href="data:,">
<script type="importmap" nonce="${NONCE}">{ "imports": { "rxjs": "/rxjs.js" } }</script>`;

const ISOLATION = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/** @type {Readonly<Record<string, string>>} */
const TYPES = { '.html': 'text/html', '.css': 'text/css' };

/** The files do not change while a server runs. */
const CACHED = { 'cache-control': 'max-age=3600' };

/** Also for the files of workers, which have policies of their own. */
const POLICY = { 'content-security-policy': `script-src 'self' 'nonce-${NONCE}'` };

/**
 * @param {{ folders: Readonly<Record<string, string>>, isIsolated: boolean, forbidsEval: boolean }}
 *   options `folders` maps the first part of an address to a folder
 * @returns {Promise<{ origin: string, close(): void }>}
 */
export async function serve({ folders, isIsolated, forbidsEval }) {
  const all = { ...(isIsolated ? ISOLATION : {}), ...(forbidsEval ? POLICY : {}) };
  const gates = new Gates();
  /** Each worker loads several files again. @type {Map<string, Promise<Buffer>>} */
  const files = new Map();
  const contents = (/** @type {string} */ file) => {
    const found = files.get(file) ?? readFile(file);
    files.set(file, found);
    return found;
  };
  const server = createServer(async ({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    const [, first = '', ...rest] = pathname.split('/');
    if (first === '') {
      response.writeHead(200, { ...all, 'content-type': 'text/html' }).end(PAGE);
    } else if (first === 'gate') {
      const answer = await gates.answer(rest[0] ?? '', rest.slice(1));
      response
        .writeHead(200, { ...all, 'cache-control': 'no-store', 'content-type': 'text/plain' })
        .end(typeof answer === 'string' ? answer : JSON.stringify(answer));
    } else {
      const folder = folders[first] ?? folders[''] ?? '';
      const file = path.join(folder, ...(folders[first] === undefined ? [first, ...rest] : rest));
      try {
        const text = await contents(file);
        response
          .writeHead(200, {
            ...all,
            ...CACHED,
            'content-type': TYPES[path.extname(file)] ?? 'text/javascript',
          })
          .end(text);
      } catch {
        response.writeHead(404, all).end();
      }
    }
  });
  await new Promise((listening) => server.listen(0, 'localhost', () => listening(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    origin: `http://localhost:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

class Gates {
  /** @type {Map<string, { arrived: number, runs: number, notes: number[], isOpen: boolean }>} */
  #gates = new Map();

  /**
   * @param {string} id
   * @param {readonly string[]} question
   */
  async answer(id, [what = '', value]) {
    const gate = this.#gates.get(id) ?? { arrived: 0, runs: 0, notes: [], isOpen: false };
    this.#gates.set(id, gate);
    switch (what) {
      case 'arrive':
        return ++gate.arrived;
      case 'run':
        return ++gate.runs;
      case 'note':
        return gate.notes.push(...(value ?? '').split(',').map(Number));
      case 'note-and-arrive':
        gate.notes.push(...(value ?? '').split(',').map(Number));
        return ++gate.arrived;
      case 'open':
        gate.isOpen = true;
        return true;
      case 'wait':
        if (!gate.isOpen) await new Promise((resolve) => setTimeout(resolve, SHUT_ANSWER_MS));
        return gate.isOpen ? 'open' : 'shut';
      case 'state':
        return gate.isOpen ? 'open' : 'shut';
      default:
        return gate[/** @type {'arrived'} */ (what)];
    }
  }
}
