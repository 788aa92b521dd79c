/**
 * The parts of a browser that this folder uses. The project compiles without the types of browsers,
 * so that no other file can use them.
 */

/** A `Worker` of a browser, as the page sees it. */
export interface WebWorker extends EventTarget {
  postMessage(message: unknown, transfer?: readonly unknown[]): void;
  terminate(): void;
}

/** The global scope of a worker. */
export interface WorkerScope extends EventTarget {
  readonly location: { readonly href: string };
  postMessage(message: unknown): void;
  close(): void;
}

/** A MessagePort of a browser, which has an event for its end only in some of them. */
export interface WebPort extends EventTarget {
  postMessage(message: unknown, transfer?: readonly unknown[]): void;
  start(): void;
  close(): void;
}

/** The event of a message. */
export interface Message<T> extends Event {
  readonly data: T;
}

/** The event of an error. A worker that could not be loaded has no message. */
export interface ErrorLike extends Event {
  readonly error?: unknown;
  readonly message?: string;
}

/** The event of a rejection that no code handles. */
export interface Rejection extends Event {
  readonly reason: unknown;
}
