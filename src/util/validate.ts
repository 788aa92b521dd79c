/** Checks of the options and arguments that users pass, and how error messages show such values. */
import { kindOf, withArticle } from './format.js';

/**
 * @throws TypeError if `options` is not an object, or has a property whose name is not in `known`
 */
export function checkNames(options: object | undefined, known: readonly string[], where: string): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`${where}: expected an object of options, got ${show(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name))
      throw new TypeError(`${where}: unknown option "${name}". Use one of: ${known.join(', ')}.`);
  }
}

/** Returns a value as error messages show it: a string in quotes, an object by its class. */
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
    // A revoked Proxy throws whenever its prototype is read.
    return 'Object';
  }
}

/** Returns a copy of the options without the properties that are undefined. */
export function defined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
