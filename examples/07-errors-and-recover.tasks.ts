/**
 * The tasks of example 07: they fail with an error class of their own, a built-in one, or an exit.
 */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code = 'ERR_HTTP';

  constructor(
    readonly status: number,
    options?: ErrorOptions,
  ) {
    super(`the server responded with ${status}`, options);
  }
}

export function fetchPage(path: string): string {
  if (path === '/gone') throw new HttpError(404);
  if (path === '/down') throw new HttpError(503, { cause: new RangeError('too many connections') });
  return `this is ${path}`;
}

export function parse(json: string): unknown {
  return JSON.parse(json);
}

export function crash(): never {
  process.exit(3);
}
