// @ts-check
/**
 * A page of a browser that knows WebDriver BiDi: opens an address, evaluates a function there, and
 * lets the page call functions of Node. Playwright 1.65 does not start Debian's Firefox, because it
 * sends a command that this version does not know (`emulation.setMediaFeaturesOverride`).
 */
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';

const { resolve } = createRequire(import.meta.url);
// Node 20 has no WebSocket. undici is installed with cheerio.
/** @type {{ WebSocket: new (url: string) => any }} */
const { WebSocket } = createRequire(resolve('cheerio'))('undici');

/** The channel of calls from a page. */
const CALLS = 'calls';

/** Runs on the page. Makes the functions of Node global, and calls the evaluated function. */
const EVALUATE = `(call, names, evaluated, argument) => {
  const waiting = [];
  globalThis.answerCall = (id, text) => waiting[id](text === undefined ? undefined : JSON.parse(text));
  for (const name of JSON.parse(names)) {
    globalThis[name] = (value) => new Promise((resolve) => {
      call(JSON.stringify({ id: waiting.push(resolve) - 1, name, value }));
    });
  }
  return evaluated(JSON.parse(argument));
}`;

export class BidiSession {
  /** @type {Map<number, { resolve(result: any): void, reject(error: Error): void }>} */
  #waiting = new Map();
  /** @type {Map<string, BidiPage>} */
  #pages = new Map();
  #socket;
  #last = 0;

  /** @param {any} socket */
  constructor(socket) {
    this.#socket = socket;
    socket.addEventListener('message', (/** @type {{ data: string }} */ { data }) => this.#receive(JSON.parse(data)));
    socket.addEventListener('close', () => this.#closed());
  }

  /** @param {string} url the address at which the browser listens */
  static async open(url) {
    const socket = new WebSocket(`${url}/session`);
    await new Promise((opened, failed) => {
      socket.addEventListener('open', opened);
      socket.addEventListener('error', () => failed(new Error(`No connection to the browser at ${url}.`)));
    });
    const session = new BidiSession(socket);
    await session.send('session.new', { capabilities: {} });
    await session.send('session.subscribe', {
      events: ['script.message', 'log.entryAdded', 'browsingContext.contextDestroyed'],
    });
    return session;
  }

  async newPage() {
    // A window of its own, because a browser slows down the timers of a tab that is not in front.
    const { context } = await this.send('browsingContext.create', { type: 'window' });
    const page = new BidiPage(this, context);
    this.#pages.set(context, page);
    return page;
  }

  /**
   * @param {string} method
   * @param {object} params
   * @returns {Promise<any>} the result of the command
   */
  send(method, params) {
    return new Promise((resolve, reject) => {
      const id = ++this.#last;
      this.#waiting.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  #receive(/** @type {any} */ { id, type, result, error, message, method, params }) {
    if (type === 'event') {
      this.#pages.get(params.source?.context ?? params.context)?.receive(method, params);
      return;
    }
    const { resolve, reject } = this.#waiting.get(id) ?? {};
    this.#waiting.delete(id);
    if (type === 'success') resolve?.(result);
    else reject?.(new Error(`${error}: ${message}`));
  }

  #closed() {
    for (const { reject } of this.#waiting.values()) reject(new Error('The browser has closed the connection.'));
    for (const page of this.#pages.values()) page.emit('close');
  }
}

/** The part of Playwright's Page that run.mjs uses. */
export class BidiPage extends EventEmitter {
  #session;
  #context;
  /** @type {Map<string, (value: any) => any>} */
  #functions = new Map();

  /** @param {BidiSession} session @param {string} context */
  constructor(session, context) {
    super();
    this.#session = session;
    this.#context = context;
  }

  /** @param {string} name @param {(value: any) => any} fn */
  async exposeFunction(name, fn) {
    this.#functions.set(name, fn);
  }

  /** @param {string} url */
  async goto(url) {
    await this.#session.send('browsingContext.navigate', { context: this.#context, url, wait: 'complete' });
  }

  async close() {
    await this.#session.send('browsingContext.close', { context: this.#context });
  }

  /** @param {Function} evaluated @param {unknown} argument */
  async evaluate(evaluated, argument) {
    const declaration = EVALUATE.replace('evaluated(', `(${evaluated})(`);
    await this.#call(declaration, [
      { type: 'channel', value: { channel: CALLS } },
      ...[JSON.stringify([...this.#functions.keys()]), '', JSON.stringify(argument)].map(text),
    ]);
  }

  /** @param {string} method @param {any} params */
  receive(method, params) {
    if (method === 'browsingContext.contextDestroyed') this.emit('close');
    if (method === 'log.entryAdded' && params.type === 'javascript') this.emit('pageerror', { stack: params.text });
    if (method === 'script.message' && params.channel === CALLS) void this.#answer(JSON.parse(params.data.value));
  }

  async #answer(/** @type {{ id: number, name: string, value: unknown }} */ { id, name, value }) {
    const answer = JSON.stringify(await this.#functions.get(name)?.(value));
    const args = [{ type: 'number', value: id }, answer === undefined ? { type: 'undefined' } : text(answer)];
    // A page that is closed needs no answer.
    await this.#call('(id, text) => globalThis.answerCall(id, text)', args).catch(() => {});
  }

  /** @param {string} functionDeclaration @param {readonly object[]} args */
  async #call(functionDeclaration, args) {
    const { type, exceptionDetails } = await this.#session.send('script.callFunction', {
      functionDeclaration,
      arguments: args,
      target: { context: this.#context },
      awaitPromise: true,
    });
    if (type === 'exception') throw new Error(exceptionDetails.text);
  }
}

/** @param {string} value */
function text(value) {
  return { type: 'string', value };
}
