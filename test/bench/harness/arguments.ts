/** Reads the command line, and chooses the rows. */
import { parseArgs } from 'node:util';
import type { Row } from './row.js';

export type Version = 'full' | 'quick' | 'smoke';

export interface Arguments {
  readonly version: Version;
  /** Numbers or names of rows. An empty list stands for all rows. */
  readonly wanted: readonly string[];
  /** Compare the figures with the bounds of the rows, and write no file. */
  readonly isCheck: boolean;
}

/** @throws TypeError for an unknown option, and for options that exclude each other */
export function parseArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { quick: { type: 'boolean' }, smoke: { type: 'boolean' }, check: { type: 'boolean' } },
    allowPositionals: true,
  });
  const version = values.quick ? 'quick' : values.smoke ? 'smoke' : 'full';
  const isCheck = values.check ?? false;
  if (isCheck && version !== 'full') throw new TypeError(`--check compares full rows. Leave out --${version}.`);
  return { version, wanted: positionals, isCheck };
}

/** @throws RangeError for a row that there is not */
export function chosenRows(rows: readonly Row[], version: Version, wanted: readonly string[]): Row[] {
  if (version === 'quick') return QUICK.map((short) => shorten(rows, short));
  const chosen =
    wanted.length === 0 ? rows : wanted.map((which) => rows.find((row) => isNamed(row, which)) ?? unknown(rows, which));
  return version === 'smoke' ? chosen.map(forSmoke) : [...chosen];
}

/** A shorter version of a row, with less work and fewer contenders. */
interface Short {
  readonly name: string;
  readonly title: string;
  readonly count: number;
  readonly contenders: readonly string[];
}

const QUICK: readonly Short[] = [
  {
    name: 'at-once',
    title: '20,000 no-op tasks submitted at once, each future subscribed',
    count: 20_000,
    contenders: ['ours', 'tinypool, as it comes', 'bare ports'],
  },
  {
    name: 'sequential',
    title: '3,000 no-op tasks, each awaited before the next',
    count: 3_000,
    contenders: ['ours', 'tinypool, as it comes', 'ping-pong'],
  },
];

function shorten(rows: readonly Row[], { name, title, count, contenders }: Short): Row {
  const row = rows.find((row) => row.name === name)!;
  return {
    ...row,
    title,
    count,
    warmUp: { count, rounds: 2 },
    rounds: 3,
    contenders: Object.fromEntries(contenders.map((name) => [name, row.contenders[name]!])),
    // The bounds hold for the full row.
    bounds: [],
  };
}

/**
 * Shortens a row to a tenth. Rows that divide their count would have no work with less than that.
 */
export function forSmoke(row: Row): Row {
  return {
    ...row,
    count: Math.max(1, row.count / 10),
    warmUp: { count: Math.max(1, Math.round(row.warmUp.count / 10)), rounds: Math.min(1, row.warmUp.rounds) },
    rounds: 1,
  };
}

function isNamed(row: Row, which: string): boolean {
  return row.name === which || String(row.number) === which;
}

function unknown(rows: readonly Row[], which: string): never {
  const names = rows.map(({ number, name }) => `${number} (${name})`).join(', ');
  throw new RangeError(`Row "${which}" does not exist. Choose one of: ${names}.`);
}
