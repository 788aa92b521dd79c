/**
 * The rows that docs/performance.md shows. Rows in which rx-futures is faster come first, and rows
 * in which it is slower follow.
 */
import type { Machine } from './machine.js';
import { markdownTable, type Result } from './report.js';
import { best, format } from './verdict.js';

interface Headline {
  readonly row: number;
  readonly metric: string;
  /** The work, in the words of a user. */
  readonly work: string;
  /** The contender that ours is compared with. The default is the best peer. */
  readonly beside?: string;
}

const headlines: readonly Headline[] = [
  { row: 1, metric: 'ms', work: '200,000 empty tasks at once, subscribed' },
  { row: 2, metric: 'ms', work: 'the same, awaited through `Promise.all`' },
  { row: 3, metric: 'ms', work: 'the same with a small object there and back' },
  { row: 4, metric: 'mean', work: 'one after another, each awaited' },
  { row: 5, metric: 'ms', work: 'three chained steps over 0.8 MB, 60 times' },
  { row: 6, metric: 'ms', work: 'the same as a `pipeline`' },
  { row: 7, metric: 'last', work: '2,000 tiny tasks behind one of 500 ms: the last is done after' },
  { row: 8, metric: 'ms', work: '2,000 computations of very different length' },
  { row: 14, metric: 'subscribed', work: 'a stream of 1,000,000 numbers' },
  { row: 10, metric: 'cloned', work: '4 MB there and back, copied' },
  { row: 10, metric: 'moved', work: '4 MB there and back, moved' },
  { row: 1, metric: 'ms', work: '200,000 calls in arrays of 64, packed by hand', beside: 'tinypool, arrays of 64' },
];

export function speedTable(results: readonly Result[], machine: Machine): string {
  const lines = headlines.flatMap(({ row: number, metric, work, beside = 'peers' }) => {
    const result = results.find(({ row }) => row.number === number);
    if (result === undefined) return [];
    const { row, standings } = result;
    const ours = best(row, standings, metric, 'ours');
    const other = best(row, standings, metric, beside);
    if (ours === undefined || other === undefined) return [];
    const unit = row.metrics[metric]!;
    const ratio = other.value / ours.value;
    const text = ratio >= 1 ? `**${ratio.toFixed(1)} ×**` : `${ratio.toFixed(2)} ×`;
    return [[work, format(ours.value, unit), `${format(other.value, unit)} (${other.name})`, text]];
  });
  return [
    ...markdownTable(['work', 'rx-futures', 'fastest other library', 'speed'], lines),
    '',
    `Medians, ${machine.date}, ${machine.cores} cores (${machine.cpu}), Node ${machine.node}, two workers; each peer in its best setting.`,
  ].join('\n');
}

/** Inserts the table between `<!-- speed -->` and `<!-- /speed -->`. */
export function insertSpeed(markdown: string, table: string): string {
  const [before, rest] = markdown.split('<!-- speed -->\n', 2);
  const after = rest?.split('<!-- /speed -->', 2)[1];
  if (before === undefined || after === undefined)
    throw new Error(
      'docs/performance.md has no place for the table of speed: add the comments <!-- speed --> and <!-- /speed -->.',
    );
  return `${before}<!-- speed -->\n${table}\n<!-- /speed -->${after}`;
}
