/** The results as text: on the terminal while the bench runs, and as RESULTS.md at the end. */
import type { Machine } from './machine.js';
import type { Standing } from './rounds.js';
import type { Metric, Row } from './row.js';
import { figureOf, format, judge, type Verdict } from './verdict.js';

export interface Result {
  readonly row: Row;
  readonly standings: readonly Standing[];
}

/** Formats the figures of a row for the terminal. */
export function rowAsText({ row, standings }: Result): string {
  const lines = [`\n${row.number}. ${row.name}: ${row.title}`];
  for (const { name, figures } of table({ row, standings })) lines.push(`   ${name.padEnd(34)} ${figures.join('   ')}`);
  return lines.join('\n');
}

/** Formats the bounds of all rows for the terminal (`npm run bench -- --check`). */
export function checkAsText(results: readonly Result[]): string {
  const lines = verdictsOf(results).map(
    ({ row, bound, measured, isKept }) =>
      `${isKept ? 'ok    ' : 'FAILED'}  ${row.number}. ${row.name}: ${bound}: ${measured}`,
  );
  return lines.join('\n');
}

/** Returns whether all bounds are kept. A bound without a figure counts as broken. */
export function areBoundsKept(results: readonly Result[]): boolean {
  return verdictsOf(results).every(({ isKept }) => isKept === true);
}

function verdictsOf(results: readonly Result[]): (Verdict & { row: Row })[] {
  return results.flatMap(({ row, standings }) => judge(row, standings).map((verdict) => ({ ...verdict, row })));
}

export function asMarkdown(results: readonly Result[], machine: Machine): string {
  return `${[
    '# Results',
    '',
    'Written by `npm run bench`; do not edit. README.md beside it describes how it is measured.',
    '',
    `${machine.date}, ${machine.cores} cores (${machine.cpu}), ${machine.memory}, Node ${machine.node}; ${machine.packages}. Two workers everywhere.`,
    ...(machine.warning === undefined ? [] : ['', `**${machine.warning}**`]),
    '',
    'Medians of the rounds, with the lowest and the highest figure in brackets. `×` is the multiple of the figure of ours.',
    ...results.flatMap(rowAsMarkdown),
  ].join('\n')}\n`;
}

function rowAsMarkdown(result: Result): string[] {
  const { row } = result;
  const metrics = Object.keys(row.metrics);
  return [
    '',
    `## ${row.number}. ${row.title}`,
    '',
    ...markdownTable(
      ['', ...metrics, 'setting'],
      table(result).map(({ name, figures }) => [name, ...figures, row.contenders[name]!.setting ?? '']),
    ),
    ...(row.note === undefined ? [] : ['', row.note]),
  ];
}

/** Returns one line for each contender, with one cell for each metric. */
function table({ row, standings }: Result): { name: string; figures: string[] }[] {
  const ours = standings.find(({ name }) => row.contenders[name]!.kind === 'ours');
  return standings.map((standing) => ({
    name: standing.name,
    figures: Object.entries(row.metrics).map(([name, metric]) => figureAsText(standing, ours, name, metric)),
  }));
}

/** Formats a figure with its spread, and with its multiple of the figure of ours. */
export function figureAsText(standing: Standing, ours: Standing | undefined, name: string, metric: Metric): string {
  if (standing.failure !== undefined) return `no figure: ${standing.failure}`;
  const figure = figureOf(standing, name, metric);
  if (figure === undefined) return '';
  const own = ours === undefined ? undefined : figureOf(ours, name, metric)?.value;
  const { unit } = metric;
  const spread = figure.rounds > 1 ? ` (${bare(figure.least, unit)}–${bare(figure.most, unit)})` : '';
  const ratio = standing === ours || own === undefined ? '' : `, ${(figure.value / own).toFixed(2)} ×`;
  return `${format(figure.value, metric)}${spread}${ratio}`;
}

function bare(value: number, unit: Row['metrics'][string]['unit']): string {
  return format(value, { unit }).replace(/ \S+$/, '');
}

/** Formats a table with cells of equal width, like the formatter of this repository. */
export function markdownTable(head: readonly string[], lines: readonly (readonly string[])[]): string[] {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...lines].map((line) => line[column]!.length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...lines.map(line)];
}
