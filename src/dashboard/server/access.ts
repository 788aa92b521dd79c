/**
 * Decides whether a request is allowed. On a loopback address, each program of this machine may
 * read, and only the token allows changes. On any other address, all requests need the token,
 * except those for scripts, styles and the icon.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIPv4, isIPv6 } from 'node:net';

export interface Access {
  readonly token: string;
  /** The server listens on a loopback address only. */
  readonly isLocal: boolean;
}

/** Returns true for a name or an address that only this machine can reach. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  return name === 'localhost' || name === '::1' || name === '[::1]' || (isIPv4(name) && name.startsWith('127.'));
}

/**
 * Returns why a request is refused, whatever it asks for. A page of another site may make a browser
 * send requests to this server. It may also have pointed a name of its own to the loopback address
 * (DNS rebinding).
 */
export function refusalOf({ headers }: IncomingMessage, { isLocal }: Access): string | undefined {
  const { host = '', origin } = headers;
  if (isLocal && !isLoopback(hostOf(host)))
    return `The host "${host.slice(0, 100)}" is not a loopback address. Open the dashboard under its own URL.`;
  if (headers['sec-fetch-site'] === 'cross-site' && headers['sec-fetch-mode'] !== 'navigate')
    return 'Another site may not read a dashboard.';
  if (origin !== undefined && originHost(origin) !== host) return 'The request comes from a page of another site.';
  return undefined;
}

/** Returns true if the request has the token: in its header, or in the query of a page. */
export function hasToken(request: IncomingMessage, query: URLSearchParams, { token }: Access): boolean {
  const [, given] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (given !== undefined) return isEqual(given, token);
  // A link can't have headers. Only a page is opened by a link, and it changes nothing.
  const inLink = request.method === 'GET' ? query.get('token') : null;
  return inLink !== null && isEqual(inLink, token);
}

/** Compares the hashes, which have one length, in constant time. */
function isEqual(a: string, b: string): boolean {
  return timingSafeEqual(hash(a), hash(b));
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Returns the host without the port. */
function hostOf(host: string): string {
  const [, name = ''] = /^(\[[^\]]*\]|[^:]*)(?::\d+)?$/.exec(host) ?? [];
  return name.startsWith('[') && isIPv6(name.slice(1, -1)) ? name.slice(1, -1) : name;
}

function originHost(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
