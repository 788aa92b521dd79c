/** Formats the verdicts as a Markdown table, with a legend. */
import type { Cell } from './run-trial.js';

const BEGIN = '<!-- trials -->';
const END = '<!-- /trials -->';

const LEGEND = `Each cell is a program of its own, in a process of its own, on a pool of one worker (\`npm run trials\`, Node ${process.versions.node}). The cell
names the error that arrived.

- **✓** It settled as it should, no part of the error is lost, and the next task runs.
- **◐** It settled. The parts named with _no_ are lost. _No worker_ means that a worker without a fault is lost.
- **✗** It settled in the wrong way or not at all. _Hung_ means that the promise was still pending after 4 seconds.
- **–** The library has no such feature.`;

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

/** Replaces the text between the markers of a Markdown file. @throws Error if they are missing */
export function insertTable(file: string, text: string): string {
  const begin = file.indexOf(BEGIN);
  const end = file.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`The file has no ${BEGIN} … ${END} block. Add it for the table.`);
  return `${file.slice(0, begin + BEGIN.length)}\n${text}\n${file.slice(end)}`;
}
