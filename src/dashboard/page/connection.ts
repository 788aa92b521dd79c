/**
 * The connection to the server: the frames, and the actions. Frames are server-sent events, read
 * with `fetch`, because an EventSource can't send the token.
 */
import type { Action, ActionResult, Frame, Hello } from '../frames.js';

/** Time in ms before the page connects again, if the connection was lost. */
const RETRY_MS = 1_000;
const TOKEN_KEY = 'rx-futures-token';

export interface FrameListener {
  hello(hello: Hello): void;
  frame(frame: Frame): void;
  /** `problem` is a text for the reader; undefined if the connection is good. */
  connected(problem: string | undefined): void;
}

export class Connection {
  token = takeToken();
  readonly #listener: FrameListener;

  constructor(listener: FrameListener) {
    this.#listener = listener;
  }

  /** Receives frames until the page is closed. */
  async run(): Promise<never> {
    for (;;) {
      try {
        await this.#read();
        this.#listener.connected('The server has closed the connection. Connecting again…');
      } catch (error) {
        this.#listener.connected(
          error instanceof Refusal ? error.message : 'The program has ended, or is not reachable. Connecting again…',
        );
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  setToken(token: string): void {
    this.token = token;
    keepToken(token);
  }

  async act(action: Action): Promise<ActionResult & { readonly isForbidden?: boolean }> {
    try {
      const response = await fetch('/action', {
        method: 'POST',
        headers: { ...this.#headers(), 'content-type': 'application/json' },
        body: JSON.stringify(action),
      });
      if (response.status === 403) return { ok: false, message: 'The token is missing or wrong.', isForbidden: true };
      if (response.headers.get('content-type')?.startsWith('application/json') === true) return await response.json();
      return { ok: false, message: await response.text() };
    } catch {
      return { ok: false, message: 'The program is not reachable.' };
    }
  }

  #headers(): Record<string, string> {
    return this.token === undefined ? {} : { authorization: `Bearer ${this.token}` };
  }

  async #read(): Promise<void> {
    const response = await fetch('/events', { headers: this.#headers() });
    if (!response.ok || response.body === null) throw new Refusal(await response.text());
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let buffer = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      buffer += value;
      const events = buffer.split('\n\n');
      buffer = events.pop()!;
      for (const event of events) this.#received(event);
    }
  }

  #received(event: string): void {
    const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? [];
    if (data === undefined) return;
    if (name === 'hello') {
      this.#listener.hello(JSON.parse(data));
      this.#listener.connected(undefined);
    } else if (name === 'frame') {
      this.#listener.frame(JSON.parse(data));
    }
  }
}

class Refusal extends Error {}

/** Takes the token out of the address, so that it is not in the history of the browser. */
function takeToken(): string | undefined {
  const url = new URL(location.href);
  const token = url.searchParams.get('token');
  if (token === null) return storedToken();
  url.searchParams.delete('token');
  history.replaceState(null, '', url);
  keepToken(token);
  return token;
}

function storedToken(): string | undefined {
  try {
    return sessionStorage.getItem(TOKEN_KEY) ?? undefined;
  } catch {
    return undefined;
  }
}

function keepToken(token: string): void {
  try {
    sessionStorage.setItem(TOKEN_KEY, token);
  } catch {
    // A browser may forbid storage. The token then lasts until the page is loaded again.
  }
}
