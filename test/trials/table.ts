/** The verdicts as a Markdown table, with the legend that makes its cells readable. */
import type { Cell } from './run-trial.js';

const BEGIN = '<!-- trials -->';
const END = '<!-- /trials -->';

const LEGEND = `Each cell is a program of its own, in a process of its own, on a pool of one worker (\`npm run trials\`, Node ${process.versions.node}). It names the
error that came. **✓** settled as it should, nothing of the error lost, and the next task runs. **◐** settled, but what is named
with _no_ is lost (_no worker_: one that had done nothing wrong). **✗** the wrong end, or none: _hung_ is a promise that was still
pending after 4 s. **–** there is no such feature.`;

export interface Row {
  readonly title: string;
  readonly cells: readonly Cell[];
}

export function table(columns: readonly string[], rows: readonly Row[]): string {
  const lines = [
    ['fault', ...columns],
    ['---', ...columns.map(() => '---')],
    ...rows.map(({ title, cells }) => [title, ...cells.map((cell) => cell.text)]),
  ];
  return [...lines.map((cells) => `| ${cells.join(' | ')} |`), '', LEGEND].join('\n');
}

/** Replaces what stands between the markers of a Markdown file. @throws Error where there are none */
export function insertTable(file: string, text: string): string {
  const begin = file.indexOf(BEGIN);
  const end = file.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`The file has no ${BEGIN} … ${END} to put the table between.`);
  return `${file.slice(0, begin + BEGIN.length)}\n${text}\n${file.slice(end)}`;
}
