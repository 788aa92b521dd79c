/** Opens the server of a dashboard, and closes it. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { show } from '../../util/validate.js';

/** The meaning of an error of the system, and advice. */
const MEANINGS: Readonly<Record<string, (port: number, host: string) => string>> = {
  EADDRINUSE: (port, host) =>
    `port ${port} of ${show(host)} is in use. Choose another port, or pass port: 0 for a free one.`,
  EACCES: (port) => `this process may not open port ${port}. Choose a port of 1024 or more.`,
  EADDRNOTAVAIL: (_, host) => notHere(host),
  ENOTFOUND: (_, host) => notHere(host),
  EAI_AGAIN: (_, host) => notHere(host),
};

function notHere(host: string): string {
  return `${show(host)} is not an address of this machine. Pass "127.0.0.1", or an address that this machine has.`;
}

export interface Listening {
  readonly url: string;
  /** Ends all connections. */
  close(): Promise<void>;
  /** Lets the process end although the server listens. */
  unref(): void;
}

/** @throws Error (as a rejection) if the port can't be opened */
export async function listen(listener: RequestListener, port: number, host: string): Promise<Listening> {
  const server = createServer({ keepAliveTimeout: 5_000 }, listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const meaning = MEANINGS[cause.code ?? '']?.(port, host) ?? `${cause.message}. Check the options.`;
      reject(Object.assign(new Error(`serveDashboard(): ${meaning}`, { cause }), { code: cause.code }));
    });
    server.listen(port, host, resolve);
  });
  // An error of the open server belongs to a connection that is lost.
  server.on('error', () => {});
  server.on('connection', (socket) => void socket.unref());
  return { url: urlOf(server, host), close: () => close(server), unref: () => void server.unref() };
}

/** Returns a URL for a browser on this machine. */
function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  const isAny = host === '0.0.0.0' || host === '::';
  const name = isAny ? 'localhost' : host;
  return `http://${name.includes(':') && !name.startsWith('[') ? `[${name}]` : name}:${port}`;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
