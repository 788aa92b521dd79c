/** Computes figures from samples, and compares figures with the bounds of a row. */
import type { Standing } from './rounds.js';
import type { Bound, Metric, Row } from './row.js';

/** One contender's figure in one metric. */
export interface Figure {
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly rounds: number;
}

export interface Verdict {
  readonly bound: string;
  readonly measured: string;
  /** Undefined if ours or the other contender has no figure. */
  readonly isKept: boolean | undefined;
}

export function figureOf(standing: Standing, metric: string, { over }: Metric): Figure | undefined {
  const values = standing.samples.flatMap((sample) => sample[metric] ?? []).sort((a, b) => a - b);
  if (values.length === 0) return undefined;
  const least = values[0]!;
  const most = values.at(-1)!;
  return { value: over === 'worst' ? most : median(values), least, most, rounds: values.length };
}

/** Returns the median of sorted values. */
function median(values: readonly number[]): number {
  const middle = values.length >> 1;
  return values.length % 2 === 1 ? values[middle]! : (values[middle - 1]! + values[middle]!) / 2;
}

export function judge(row: Row, standings: readonly Standing[]): Verdict[] {
  return row.bounds.map((bound) => {
    const metric = row.metrics[bound.metric]!;
    const ours = best(row, standings, bound.metric, 'ours');
    const prefix = Object.keys(row.metrics).length > 1 ? `${bound.metric}: ` : '';
    if ('atMost' in bound) {
      const measured = ours === undefined ? 'no figure' : format(ours.value, metric);
      return {
        bound: `${prefix}≤ ${format(bound.atMost, metric)}`,
        measured,
        isKept: ours && ours.value <= bound.atMost,
      };
    }
    const other = best(row, standings, bound.metric, 'than' in bound ? bound.than : bound.of);
    return { bound: prefix + inWords(bound), ...compare(bound, ours?.value, other) };
  });
}

function compare(bound: Relation, ours: number | undefined, other: Best | undefined): Omit<Verdict, 'bound'> {
  if (ours === undefined || other === undefined) return { measured: 'no figure', isKept: undefined };
  const isFaster = 'faster' in bound;
  const ratio = isFaster ? other.value / ours : ours / other.value;
  const who = (isFaster ? bound.than : bound.of) === 'peers' ? ` (${other.name})` : '';
  return { measured: `${ratio.toFixed(2)} ×${who}`, isKept: isFaster ? ratio >= bound.faster : ratio <= bound.within };
}

function inWords(bound: Relation): string {
  const reference = 'than' in bound ? bound.than : bound.of;
  const what = reference === 'peers' ? 'the best peer' : reference;
  return 'faster' in bound ? `≥ ${bound.faster} × as fast as ${what}` : `≤ ${bound.within} × ${what}`;
}

/** A bound that compares with another contender. */
type Relation = Exclude<Bound, { atMost: number }>;

interface Best {
  readonly name: string;
  readonly value: number;
}

/**
 * Returns the best figure of `who`: 'ours', 'peers' (the best of them), or the name of a contender.
 */
export function best(row: Row, standings: readonly Standing[], metric: string, who: string): Best | undefined {
  const kind = who === 'peers' ? 'peer' : who;
  let winner: Best | undefined;
  for (const standing of standings) {
    if (standing.name !== who && row.contenders[standing.name]!.kind !== kind) continue;
    const value = figureOf(standing, metric, row.metrics[metric]!)?.value;
    if (value !== undefined && (winner === undefined || value < winner.value)) winner = { name: standing.name, value };
  }
  return winner;
}

/** Formats a figure with its unit, such as `12.3 ms`, `1,234 ms` or `1.05 ×`. */
export function format(value: number, { unit }: Pick<Metric, 'unit'>): string {
  const digits = unit === 'bytes' || unit === 'values' || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  const number = value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${number} ${unit === 'x' ? '×' : unit}`;
}
