/** The results of browsers and Bun as text: a table for each row, with a column for each place. */
import type { Machine } from '../harness/machine.js';
import { figureAsText, markdownTable } from '../harness/report.js';
import type { Standing } from '../harness/rounds.js';
import type { Row } from '../harness/row.js';

export interface Column {
  /** The place, such as `Bun`. */
  readonly place: string;
  readonly standings: readonly Standing[];
}

export interface RowResult {
  readonly row: Row;
  readonly columns: readonly Column[];
}

export function asMarkdown(
  results: readonly RowResult[],
  machine: Omit<Machine, 'node' | 'packages'>,
  versions: readonly string[],
): string {
  return `${[
    '# Results in browsers and in Bun',
    '',
    'Written by `npm run bench:browser`; do not edit. README.md beside it describes how it is measured.',
    '',
    `${machine.date}, ${machine.cores} cores (${machine.cpu}), ${machine.memory}; ${versions.join(', ')}. Two workers everywhere.`,
    ...(machine.warning === undefined ? [] : ['', `**${machine.warning}**`]),
    '',
    'Medians of the rounds, with the lowest and the highest figure in brackets. `×` is the multiple of the figure of ours.',
    ...results.flatMap(rowAsMarkdown),
  ].join('\n')}\n`;
}

/** Formats a row as a table. It has one metric. */
export function rowAsMarkdown({ row, columns }: RowResult): string[] {
  const [name, metric] = Object.entries(row.metrics)[0]!;
  const cell = ({ standings }: Column, contender: string): string => {
    const own = standings.find((standing) => row.contenders[standing.name]!.kind === 'ours');
    const standing = standings.find((each) => each.name === contender);
    return standing === undefined ? '' : figureAsText(standing, own, name, metric);
  };
  const lines = Object.entries(row.contenders).map(([contender, { setting }]) => [
    contender,
    ...columns.map((column) => cell(column, contender)),
    setting ?? '',
  ]);
  return [
    '',
    `## ${row.number}. ${row.title}`,
    '',
    ...markdownTable(['', ...columns.map(({ place }) => place), 'setting'], lines),
    ...(row.note === undefined ? [] : ['', row.note]),
  ];
}
