/** Answers the requests of the pages. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ActionResult } from '../frames.js';
import type { Hub } from '../hub.js';
import { type Access, hasToken, refusalOf } from './access.js';
import { EventStream } from './event-stream.js';
import type { PageFile } from './page-files.js';
import { readAction } from './read-action.js';

const HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** Pages that receive frames at the same time. Each may have about a megabyte waiting for it. */
const MAX_PAGES = 32;

const NEEDS_TOKEN =
  'This dashboard needs its token. Open the URL with "?token=<token>", or send "Authorization: Bearer <token>".';

/** A request whose answer is a status and a text. */
class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export class RequestHandler {
  readonly #hub: Hub;
  readonly #access: Access;
  readonly #files: ReadonlyMap<string, PageFile>;

  constructor(hub: Hub, access: Access, files: ReadonlyMap<string, PageFile>) {
    this.#hub = hub;
    this.#access = access;
    this.#files = files;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    try {
      await this.#answer(request, response);
    } catch (error) {
      const [status, message] =
        error instanceof Refused ? [error.status, error.message] : [500, 'The dashboard could not answer the request.'];
      if (response.headersSent) response.destroy();
      // The rest of a refused body is not read, so the connection can't be used again.
      else
        response
          .writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
          .end(`${message}\n`);
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = refusalOf(request, this.#access);
    if (refusal !== undefined) throw new Refused(403, refusal);
    const { path, query } = addressOf(request);
    const isReading = request.method === 'GET' || request.method === 'HEAD';
    const isAllowed = hasToken(request, query, this.#access);
    const file = this.#files.get(path);
    // The files other than the page are the same for everybody, and a page has no header for them.
    const isPublic = isReading && (this.#access.isLocal || (file !== undefined && path !== '/'));
    if (!isPublic && !isAllowed) throw new Refused(403, NEEDS_TOKEN);
    if (!isReading) {
      await this.#change(request, response, path);
    } else if (file !== undefined) {
      response.writeHead(200, { 'content-type': file.type, 'content-length': file.content.length });
      response.end(request.method === 'HEAD' ? undefined : file.content);
    } else if (path === '/events' && request.method === 'GET') {
      this.#join(request, response);
    } else {
      throw new Refused(404, 'There is no such page.');
    }
  }

  #join({ socket }: IncomingMessage, response: ServerResponse): void {
    if (this.#hub.pages >= MAX_PAGES) throw new Refused(503, `${MAX_PAGES} pages are open. Close one of them first.`);
    const leave = this.#hub.join(new EventStream(response));
    // A response that waits behind another one of its connection never emits `close`.
    socket.once('close', leave);
  }

  async #change(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    if (request.method !== 'POST') throw new Refused(405, 'Use POST.');
    if (path !== '/action') throw new Refused(404, 'There is no such action.');
    const action = await readAction(request);
    if (typeof action === 'string') throw new Refused(400, action);
    const source = this.#hub.sources[action.source];
    if (source === undefined) throw new Refused(404, `There is no executor with the number ${action.source}.`);
    const result: ActionResult = await source.act(action);
    // A browser would report another status than 200 as an error of the page.
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify(result));
  }
}

/** Returns the path and the query of a request. `url + '/' + path` may have a slash too many. */
function addressOf({ url = '/' }: IncomingMessage): { path: string; query: URLSearchParams } {
  const [path = '/', query] = url.split('?', 2);
  return { path: path.replace(/^\/+/, '/'), query: new URLSearchParams(query) };
}
