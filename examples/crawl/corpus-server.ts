/**
 * The corpus server, a process that `startCorpus` forks. It serves each Markdown and HTML file of
 * the installed packages on a loopback port. A few more addresses fail in typical ways. The server
 * sends the list of all addresses to its parent.
 */
import { createReadStream, type Dirent, existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { extname, join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../node_modules/', import.meta.url));
const types: Record<string, string> = { '.md': 'text/markdown; charset=utf-8', '.html': 'text/html; charset=utf-8' };

/**
 * Failures that a crawl of the real web meets. A 404 needs no entry, because some packages have no
 * README.
 */
const troubles: Record<string, (response: ServerResponse) => void> = {
  '/trouble/silence': () => {},
  '/trouble/reset': (response) => response.socket?.resetAndDestroy(),
  '/trouble/error': (response) => response.writeHead(500).end(),
};

const files = new Map<string, string>();
const paths = Object.keys(troubles);
for (const { id, folder } of findPackages(root)) {
  const documents = [...findDocuments(folder)];
  const hasReadme = documents.some((file) => /^readme\.md$/i.test(relative(folder, file)));
  if (!hasReadme) paths.push(encodeURI(`/${id}/README.md`));
  for (const file of documents) {
    const path = encodeURI(`/${id}/${relative(folder, file).split(sep).join('/')}`);
    files.set(path, file);
    paths.push(path);
  }
}

const server = createServer((request, response) => {
  const path = request.url ?? '/';
  const file = files.get(path);
  if (troubles[path]) return troubles[path](response);
  if (!file) return response.writeHead(404).end();
  response.writeHead(200, { 'content-type': types[extname(file).toLowerCase()] });
  // If the client or the file disappears during the response, only this response ends.
  pipeline(createReadStream(file), response, () => {});
});
// A server that closes idle connections may close one while a request is on its way. So this server
// keeps its connections for the whole crawl.
server.keepAliveTimeout = 60_000;
const closed = createServer();
const [origin, refused] = await Promise.all([listen(server), listen(closed)]);
await new Promise((done) => closed.close(done));

// Ctrl-C reaches every process of the terminal. This process continues until its parent
// disconnects.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit());
process.send!([`${refused}/connection-refused`, ...paths.map((path) => origin + path)]);

async function listen(server: Server): Promise<string> {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Yields each package@version once, even if it is installed several times. */
function* findPackages(modules: string, seen = new Set<string>()): Generator<{ id: string; folder: string }> {
  for (const entry of folders(modules)) {
    const folder = join(modules, entry.name);
    const manifest = join(folder, 'package.json');
    if (entry.name.startsWith('@')) yield* findPackages(folder, seen);
    if (!existsSync(manifest)) continue;
    const { name, version } = JSON.parse(readFileSync(manifest, 'utf8')) as { name: string; version: string };
    const id = `${name}@${version}`;
    if (!seen.has(id)) yield { id, folder };
    seen.add(id);
    if (existsSync(join(folder, 'node_modules'))) yield* findPackages(join(folder, 'node_modules'), seen);
  }
}

function* findDocuments(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== 'node_modules') yield* findDocuments(path);
    else if (entry.isFile() && extname(entry.name).toLowerCase() in types) yield path;
  }
}

function folders(path: string): Dirent[] {
  return readdirSync(path, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && !entry.name.startsWith('.'),
  );
}
