/**
 * The checks of options that users pass, and how error messages show such values.
 *
 *     validate('map()', options, { concurrency: integer(1), ordered: boolean });
 *     map(): option "concurrency": expected an integer, 1 or more, got 0. Correct the value, or
 *     omit the option.
 */
import { kindOf, withArticle } from './format.js';

/**
 * Checks one option. `at` is the call and the option as messages show them, such as
 * `map(): option "concurrency"`.
 *
 * @throws TypeError for a value of the wrong type
 * @throws RangeError for a number out of range
 */
export type Check = (at: string, value: any) => void;

/** A check for each option. Messages list the names in this order. */
export type Checks<T> = { readonly [K in keyof Required<T>]: Check };

/**
 * Checks options at the call that receives them. An option that is undefined counts as not given.
 *
 * @param where the call as messages show it, such as `map()`, or an option that has options itself
 * @throws TypeError if `options` is not an object, or has an unknown option
 * @throws the error of a check
 */
export function validate<T extends object>(where: string, options: T, checks: Checks<T>): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(
      `${where}: expected an object of options, got ${show(options)}. Pass the options as properties of one object.`,
    );
  }
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(checks, name)) {
      throw new TypeError(`${where}: unknown option "${name}". Use one of: ${Object.keys(checks).join(', ')}.`);
    }
  }
  for (const name in checks) {
    const value = options[name];
    if (value !== undefined) checks[name](optionOf(where, name), value);
  }
}

/** Returns `map(): option "settle"`, or `with(options): option "retry.count"` inside an option. */
export function optionOf(where: string, name: string): string {
  return where.endsWith('"') ? partOf(where, `.${name}`) : `${where}: option "${name}"`;
}

/** Returns `option "argv[0]"` for the part `[0]` of `option "argv"`. */
export function partOf(option: string, part: string): string {
  return `${option.slice(0, -1)}${part}"`;
}

// ── checks ───────────────────────────────────────────────────────────────────────────────────────

/** @param expected the expected value as messages show it, such as `a function` */
export function kind(expected: string, isExpected: (value: any) => boolean): Check {
  return (at, value) => {
    if (!isExpected(value)) throw new TypeError(unexpected(at, expected, value));
  };
}

/** @param expected the expected value as messages show it, such as `an integer, 1 or more` */
export function number(expected: string, isInRange: (value: number) => boolean): Check {
  return (at, value) => {
    if (typeof value !== 'number') throw new TypeError(unexpected(at, expected, value));
    if (!isInRange(value)) throw new RangeError(unexpected(at, expected, value));
  };
}

export function integer(least: number, most = Number.POSITIVE_INFINITY): Check {
  return number(`an integer, ${least} or more`, (value) => Number.isInteger(value) && value >= least && value <= most);
}

export function integerOrInfinity(least: number): Check {
  return number(
    `an integer, ${least} or more, or Infinity`,
    (value) => (Number.isInteger(value) && value >= least) || value === Number.POSITIVE_INFINITY,
  );
}

/** Checks a time that may be 0. */
export const ms = number('a number of ms, 0 or more, or Infinity', (value) => value >= 0);

/** Checks a time that can't be 0. */
export const positiveMs = number('a number of ms, more than 0, or Infinity', (value) => value > 0);

export const boolean = kind('true or false', (value) => typeof value === 'boolean');

export const string = kind('a string', (value) => typeof value === 'string');

export const nonEmptyString = kind('a string that is not empty', (value) => typeof value === 'string' && value !== '');

export const callback = kind('a function', (value) => typeof value === 'function');

export const abortSignal = kind('an AbortSignal', (value) => value instanceof AbortSignal);

/** Checks a text that must be one of `values`. */
export function oneOf(...values: readonly string[]): Check {
  const quoted = values.map((value) => `'${value}'`);
  const last = quoted.pop();
  return kind(quoted.length === 0 ? `${last}` : `${quoted.join(', ')} or ${last}`, (value) => values.includes(value));
}

export const anything: Check = () => {};

// ── messages ─────────────────────────────────────────────────────────────────────────────────────

/** Returns the message for an option whose value is not as expected. */
export function unexpected(at: string, expected: string, value: unknown): string {
  return `${at}: expected ${expected}, got ${show(value)}. Correct the value, or omit the option.`;
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
