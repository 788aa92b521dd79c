/** From samples to figures, and from figures to goals. Pure. */
import type { Standing } from './rounds.js';
import type { Goal, Metric, Row } from './row.js';

/** One contender's figure in one metric. */
export interface Figure {
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly rounds: number;
}

export interface Verdict {
  readonly goal: string;
  readonly measured: string;
  /** Undefined where there is no figure to judge by. */
  readonly isReached: boolean | undefined;
}

export function figureOf(standing: Standing, metric: string, { over }: Metric): Figure | undefined {
  const values = standing.samples.flatMap((sample) => sample[metric] ?? []).sort((a, b) => a - b);
  if (values.length === 0) return undefined;
  const least = values[0]!;
  const most = values.at(-1)!;
  return { value: over === 'worst' ? most : median(values), least, most, rounds: values.length };
}

/** Of sorted values. */
function median(values: readonly number[]): number {
  const middle = values.length >> 1;
  return values.length % 2 === 1 ? values[middle]! : (values[middle - 1]! + values[middle]!) / 2;
}

export function judge(row: Row, standings: readonly Standing[]): Verdict[] {
  return row.goals.map((goal) => {
    const metric = row.metrics[goal.metric]!;
    const ours = best(row, standings, goal.metric, 'ours');
    const prefix = Object.keys(row.metrics).length > 1 ? `${goal.metric}: ` : '';
    if ('atMost' in goal) {
      const measured = ours === undefined ? 'no figure' : format(ours.value, metric);
      return {
        goal: `${prefix}≤ ${format(goal.atMost, metric)}`,
        measured,
        isReached: ours && ours.value <= goal.atMost,
      };
    }
    const other = best(row, standings, goal.metric, 'than' in goal ? goal.than : goal.of);
    return { goal: prefix + inWords(goal), ...compare(goal, ours?.value, other) };
  });
}

function compare(
  goal: Exclude<Goal, { atMost: number }>,
  ours: number | undefined,
  other: Best | undefined,
): Omit<Verdict, 'goal'> {
  if (ours === undefined || other === undefined) return { measured: 'no figure', isReached: undefined };
  const isFaster = 'faster' in goal;
  const ratio = isFaster ? other.value / ours : ours / other.value;
  const who = (isFaster ? goal.than : goal.of) === 'peers' ? ` (${other.name})` : '';
  return { measured: `${ratio.toFixed(2)} ×${who}`, isReached: isFaster ? ratio >= goal.faster : ratio <= goal.within };
}

function inWords(goal: Exclude<Goal, { atMost: number }>): string {
  const reference = 'than' in goal ? goal.than : goal.of;
  const what = reference === 'peers' ? 'the best peer' : reference;
  return 'faster' in goal ? `≥ ${goal.faster} × as fast as ${what}` : `≤ ${goal.within} × ${what}`;
}

interface Best {
  readonly name: string;
  readonly value: number;
}

/** `who`: 'ours', 'peers' (the best of them), or the name of a contender. */
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

/** `12.3 ms`, `1,234 ms`, `1.05 ×`. */
export function format(value: number, { unit }: Pick<Metric, 'unit'>): string {
  const digits = unit === 'bytes' || unit === 'values' || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  const number = value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${number} ${unit === 'x' ? '×' : unit}`;
}
