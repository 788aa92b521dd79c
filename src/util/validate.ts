/** Checks of what users pass, and how it is shown to them. */
import { kindOf, withArticle } from './format.js';

/** @throws TypeError when `options` is no object or has a name that is not `known` */
export function checkNames(options: object | undefined, known: readonly string[], where: string): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`${where}: expected an object of options, got ${show(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name))
      throw new TypeError(`${where}: there is no option ${name}. There are: ${known.join(', ')}.`);
  }
}

/** What came, for the end of a message: a string in quotes, an object by its class. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return `the function ${value.name || '(anonymous)'}`;
  if (typeof value !== 'object' || value === null) return String(value);
  const kind = safeKindOf(value);
  return kind === 'Object' ? 'an object' : withArticle(kind);
}

function safeKindOf(value: object): string {
  try {
    return kindOf(value);
  } catch {
    // A revoked Proxy.
    return 'Object';
  }
}

/** Options as if those that are undefined had not been named. */
export function defined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
