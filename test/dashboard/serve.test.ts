/** The server of a dashboard, through real requests. */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Executor } from 'rx-futures';
import { type Dashboard, type DashboardOptions, serveDashboard } from 'rx-futures/dashboard';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Frame, Hello } from '../../src/dashboard/frames.js';
import { until } from '../support/until.js';
import { openInline } from './support.js';

async function serve(options?: DashboardOptions) {
  const inline = openInline();
  const dashboard = await serveDashboard(inline.executor, options);
  onTestFinished(() => dashboard.close());
  return { ...inline, dashboard };
}

function post({ url }: Dashboard, body: unknown, headers: Record<string, string> = {}) {
  return fetch(`${url}/action`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

const bearer = ({ token }: Dashboard) => ({ authorization: `Bearer ${token}` });

/** Reads server-sent events until the connection ends. */
async function* eventsOf(response: Response): AsyncGenerator<{ event: string; data: any }> {
  let buffer = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    buffer += chunk;
    const parts = buffer.split('\n\n');
    buffer = parts.pop()!;
    for (const part of parts) {
      const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(part) ?? [];
      if (event !== undefined) yield { event, data: JSON.parse(data!) };
    }
  }
}

/** Sends a request with any headers, which `fetch` does not allow. */
async function statusOf(url: string, headers: Record<string, string>): Promise<number | undefined> {
  const sent = request(url, { headers }).end();
  const [response] = await once(sent, 'response');
  response.resume();
  return response.statusCode;
}

describe('the page', () => {
  it.each([
    ['/', 'text/html; charset=utf-8'],
    ['/page.js', 'text/javascript; charset=utf-8'],
    ['/styles.css', 'text/css; charset=utf-8'],
    ['/icon.svg', 'image/svg+xml'],
    ['//page.js', 'text/javascript; charset=utf-8'],
  ])('%s is served as %s', async (path, type) => {
    const { dashboard } = await serve();
    const response = await fetch(dashboard.url + path);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
    expect((await response.text()).length).toBeGreaterThan(100);
  });

  it('its policy allows no script inside the page, and no other site', async () => {
    const { dashboard } = await serve();
    const { headers } = await fetch(dashboard.url);
    const policy = headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  it('files that are not of the page are not served', async () => {
    const { dashboard } = await serve();
    for (const path of ['/package.json', '/..%2f..%2fpackage.json', '/index.html.map', '/action'])
      expect((await fetch(dashboard.url + path)).status).toBe(404);
  });

  it('a request under another name than a loopback address is refused', async () => {
    const { dashboard } = await serve();
    const { port } = new URL(dashboard.url);
    expect(await statusOf(dashboard.url, { host: `evil.example:${port}` })).toBe(403);
    expect(await statusOf(dashboard.url, { host: `localhost:${port}` })).toBe(200);
  });
});

describe('the events', () => {
  it('a page receives the history, and then frames of what happens', async () => {
    const { dashboard, tasks } = await serve();
    const response = await fetch(`${dashboard.url}/events`);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const events = eventsOf(response);
    const { event, data } = (await events.next()).value!;
    expect(event).toBe('hello');
    expect((data as Hello).sources).toMatchObject([{ name: 'crew' }]);
    await tasks.square(3);
    let seen = 0;
    for await (const { data } of events) {
      const frame: Frame = data;
      seen += frame.sources[0]!.runs.seen;
      if (seen > 0) break;
    }
    expect(seen).toBe(1);
  });

  it('the executor is observed only while a page is connected', async () => {
    const { dashboard, engine } = await serve();
    expect(engine.recorder.observer).toBeUndefined();
    const leaving = new AbortController();
    const response = await fetch(`${dashboard.url}/events`, { signal: leaving.signal });
    await eventsOf(response).next();
    expect(engine.recorder.observer).toBeDefined();
    leaving.abort();
    await until(() => engine.recorder.observer === undefined);
  });
});

describe('an action', () => {
  it('an action with the token changes the executor', async () => {
    const { dashboard, tasks, waiting } = await serve();
    const future = tasks.wait();
    await until(() => waiting.length === 1);
    const response = await post(dashboard, { action: 'cancel', source: 0, id: future.id }, bearer(dashboard));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ ok: true, message: `Task "wait" #${future.id} is cancelled.` });
    expect(future.state).toBe('cancelled');
  });

  it('an action without the token, or with another one, is answered with 403 and changes nothing', async () => {
    const { dashboard, executor } = await serve();
    const pause = { action: 'pause', source: 0 };
    expect((await post(dashboard, pause)).status).toBe(403);
    expect((await post(dashboard, pause, { authorization: 'Bearer wrong' })).status).toBe(403);
    expect((await fetch(`${dashboard.url}/anything`, { method: 'DELETE' })).status).toBe(403);
    expect(executor.stats().isPaused).toBe(false);
    expect((await post(dashboard, pause, bearer(dashboard))).status).toBe(200);
    expect(executor.stats().isPaused).toBe(true);
  });

  it('the token of a link does not allow a change', async () => {
    const { dashboard, executor } = await serve();
    const response = await fetch(`${dashboard.url}/action?token=${dashboard.token}`, { method: 'POST' });
    expect(response.status).toBe(403);
    expect(executor.stats().isPaused).toBe(false);
  });

  it('an action that comes too late is answered with the reason', async () => {
    const { dashboard } = await serve();
    const response = await post(dashboard, { action: 'cancel', source: 0, id: 123_456_789 }, bearer(dashboard));
    expect(await response.json()).toEqual({ ok: false, message: 'Task #123456789 has settled already.' });
  });

  it.each([
    ['{', 'text/plain', 400],
    ['{', 'application/json', 400],
    ['null', 'application/json', 400],
    ['{"action":"explode","source":0}', 'application/json', 400],
    ['{"action":"cancel","source":0,"id":"1"}', 'application/json', 400],
    [JSON.stringify({ action: 'pause', source: 0, more: 'x'.repeat(5_000) }), 'application/json', 400],
    ['{"action":"pause","source":1}', 'application/json', 404],
  ])('the body %.60s of the type %s is answered with %d', async (body, type, status) => {
    const { dashboard } = await serve();
    const response = await post(dashboard, body, { ...bearer(dashboard), 'content-type': type });
    expect(response.status).toBe(status);
  });
});

describe('a client that misbehaves', () => {
  it('a body without end is answered after its first bytes, and the connection ends', async () => {
    const { dashboard } = await serve();
    const { port } = new URL(dashboard.url);
    const socket = connect(Number(port), '127.0.0.1');
    // The server ends the connection while the client still sends.
    socket.on('error', () => {});
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    const ended = once(socket, 'close');
    socket.write(
      `POST /action HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${dashboard.token}\r\n` +
        `content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n2000\r\n${'x'.repeat(0x2000)}\r\n`,
    );
    await ended;
    expect(answer).toMatch(/^HTTP\/1\.1 400 .*Expected at most 4096 bytes\./s);
  });

  it('pages that were asked for on one connection all leave when it ends', async () => {
    const { dashboard, engine } = await serve();
    const { port } = new URL(dashboard.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(`GET /events HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`.repeat(2));
    await once(socket, 'data');
    expect(engine.recorder.observer).toBeDefined();
    socket.destroy();
    await until(() => engine.recorder.observer === undefined);
  });

  it('a page more than 32 is refused until another one leaves', async () => {
    const { dashboard } = await serve();
    const leaving = new AbortController();
    const join = () => fetch(`${dashboard.url}/events`, { signal: leaving.signal });
    const pages = await Promise.all(Array.from({ length: 32 }, join));
    expect(new Set(pages.map(({ status }) => status))).toEqual(new Set([200]));
    const refused = await join();
    expect([refused.status, await refused.text()]).toEqual([503, '32 pages are open. Close one of them first.\n']);
    leaving.abort();
    await until(async () => {
      const again = new AbortController();
      const { status } = await fetch(`${dashboard.url}/events`, { signal: again.signal });
      again.abort();
      return status === 200;
    });
  });
});

describe('another host', () => {
  it('all requests need the token, except those for the files that are the same for everybody', async () => {
    const { dashboard } = await serve({ host: '0.0.0.0' });
    for (const path of ['/', '/events', '/?token=wrong']) expect((await fetch(dashboard.url + path)).status).toBe(403);
    expect((await fetch(`${dashboard.url}/page.js`)).status).toBe(200);
    expect((await fetch(`${dashboard.url}/?token=${dashboard.token}`)).status).toBe(200);
    const leaving = new AbortController();
    const events = await fetch(`${dashboard.url}/events`, { headers: bearer(dashboard), signal: leaving.signal });
    expect(events.status).toBe(200);
    leaving.abort();
  });
});

describe('the end', () => {
  it('close() ends all connections, and may be called again', async () => {
    const { dashboard, engine } = await serve();
    const events = eventsOf(await fetch(`${dashboard.url}/events`));
    await events.next();
    await Promise.all([dashboard.close(), dashboard.close()]);
    await expect(
      (async () => {
        for await (const _ of events);
      })().catch(() => 'ended'),
    ).resolves.not.toBe('open');
    await expect(fetch(dashboard.url)).rejects.toThrow();
    expect(engine.recorder.observer).toBeUndefined();
    expect(engine.recorder.rejected).toBeUndefined();
  });

  it('the executor may have another dashboard after close()', async () => {
    const { dashboard, executor } = await serve();
    await expect(serveDashboard(executor)).rejects.toThrow(
      'executor "crew" has a dashboard already. Close that one first.',
    );
    await dashboard.close();
    await using again = await serveDashboard([executor]);
    expect(again.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });
});

describe('wrong arguments', () => {
  const { executor } = { executor: () => new Executor({ name: 'crew' }) };

  it.each<[string, unknown, object | undefined, new (message: string) => Error, string]>([
    ['no executor', undefined, undefined, TypeError, 'item 0: expected an Executor, got undefined'],
    ['a list without one', [], undefined, TypeError, 'got an empty array'],
    ['something else in the list', [{}], undefined, TypeError, 'item 0: expected an Executor, got an object'],
    ['an unknown option', executor(), { prot: 1 }, TypeError, 'unknown option "prot"'],
    ['a port that is none', executor(), { port: 70_000 }, RangeError, 'option "port"'],
    ['a port of another type', executor(), { port: '80' }, TypeError, 'option "port"'],
    ['an empty host', executor(), { host: '' }, TypeError, 'option "host"'],
    ['a short token', executor(), { token: 'secret' }, TypeError, 'expected 16 or more letters'],
  ])('%s is refused', async (_, executors, options, type, message) => {
    const failure = await serveDashboard(executors as Executor, options).catch((error: Error) => error);
    expect(failure).toBeInstanceOf(type);
    expect((failure as Error).message).toContain(message);
    expect((failure as Error).message).not.toContain('secret');
  });

  it('a port in use is an error that says so', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { executor, engine } = openInline();
    await expect(serveDashboard(executor, { port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      message: `serveDashboard(): port ${port} of "127.0.0.1" is in use. Choose another port, or pass port: 0 for a free one.`,
    });
    expect(engine.recorder.rejected).toBeUndefined();
  });

  it('a host that is not of this machine is an error that says so', async () => {
    const { executor } = openInline();
    await expect(serveDashboard(executor, { host: '192.0.2.1' })).rejects.toMatchObject({
      code: 'EADDRNOTAVAIL',
      message: expect.stringContaining('"192.0.2.1" is not an address of this machine.'),
    });
  });
});
