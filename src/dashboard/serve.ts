/** `serveDashboard`: a page that shows what executors do. */
import { randomBytes } from 'node:crypto';
import { type Executor, engineOf } from '../executor.js';
import { show } from '../util/validate.js';
import { ExecutorSource } from './executor/executor-source.js';
import { Hub } from './hub.js';
import { checkOptions, type DashboardOptions } from './options.js';
import { isLoopback } from './server/access.js';
import { listen } from './server/listen.js';
import { readPageFiles } from './server/page-files.js';
import { RequestHandler } from './server/request-handler.js';
import type { Source } from './source.js';

/** A running dashboard, as {@link serveDashboard} returns it. */
export interface Dashboard extends AsyncDisposable {
  /** The address of the page, such as `http://127.0.0.1:41967`. */
  readonly url: string;
  /**
   * Allows the buttons of the page to change something. Open `${url}/?token=${token}`, or enter the
   * token on the page. Programs send it as `Authorization: Bearer <token>`.
   */
  readonly token: string;
  /** Ends the server and all its connections. May be called again. */
  close(): Promise<void>;
}

/**
 * Serves a page that shows live what executors do. The page has a stream of tasks on their workers,
 * the throughput, the times of each function, failures with their stacks, and the workers.
 * With the token, its buttons cancel tasks, pause and resume the executor, and end workers.
 *
 * Use it while you develop, and to find out why a program is slow or stuck.
 *
 * ```ts
 * import { serveDashboard } from 'rx-futures/dashboard';
 *
 * await using dashboard = await serveDashboard(executor);
 * console.log(`Open ${dashboard.url}/?token=${dashboard.token}`.replace(/:\d+.*$/, ''));
 * // Output:
 * // Open http://127.0.0.1
 * ```
 *
 * The server listens on a loopback address unless `host` is another one. Every program of this
 * machine may then read the page. Only the token allows changes. With another `host`, all requests
 * need the token. The page has names, times and the texts of errors, and no argument and no result.
 *
 * Executors are observed only while a page is open. The dashboard does not keep the process alive.
 *
 * @throws TypeError (as a rejection) if an executor or an option has the wrong type, or if an
 *   executor has a dashboard already
 * @throws RangeError (as a rejection) if `port` is out of range
 * @throws Error (as a rejection) if the port is in use, or `host` is not an address of this machine
 */
export async function serveDashboard(
  executors: Executor<any> | readonly Executor<any>[],
  options: DashboardOptions = {},
): Promise<Dashboard> {
  checkOptions(options);
  const engines = (Array.isArray(executors) ? executors : [executors]).map((executor, i) => {
    const engine = typeof executor === 'object' && executor !== null ? engineOf(executor) : undefined;
    if (engine === undefined) {
      throw new TypeError(
        `serveDashboard(executors): item ${i}: expected an Executor, got ${show(executor)}. Pass an Executor, or an array of them.`,
      );
    }
    return engine;
  });
  if (engines.length === 0)
    throw new TypeError('serveDashboard(executors): expected an Executor, got an empty array. Pass at least one.');
  for (const [i, engine] of engines.entries()) {
    if (engine.recorder.rejected === undefined && engines.indexOf(engine) === i) continue;
    throw new TypeError(
      `serveDashboard(executors): executor "${engine.name}" has a dashboard already. Close that one first.`,
    );
  }
  const sources = engines.map((engine) => new ExecutorSource(engine));
  const dashboard = await serveSources(sources, options);
  dashboard.unref();
  return dashboard;
}

/** Serves a page of any sources. The server keeps the process alive until `unref` is called. */
export async function serveSources(
  sources: readonly Source[],
  { port = 0, host = '127.0.0.1', token = randomBytes(24).toString('base64url') }: DashboardOptions,
): Promise<Dashboard & { unref(): void }> {
  const hub = new Hub(sources);
  try {
    const handler = new RequestHandler(hub, { token, isLocal: isLoopback(host) }, await readPageFiles());
    const server = await listen((request, response) => void handler.handle(request, response), port, host);
    let closed: Promise<void> | undefined;
    const close = () => {
      closed ??= Promise.all([server.close(), hub.dispose()]).then(() => {});
      return closed;
    };
    return { url: server.url, token, close, unref: () => server.unref(), [Symbol.asyncDispose]: close };
  } catch (error) {
    await hub.dispose();
    throw error;
  }
}
