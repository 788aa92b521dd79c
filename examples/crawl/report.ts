/** Formats the summary of a crawl as plain text: a line of totals, then tables of the database. */
import type { Summary } from './store.js';

export function report(summary: Summary, run: { readonly addresses: number; readonly elapsed: number }): string {
  const documents = total(summary.types.map((row) => row.documents));
  const failures = summary.failures.length;
  const crawled = quantity(run.addresses, 'address', 'addresses');
  const seconds = (run.elapsed / 1000).toFixed(1);
  return [
    `${crawled} in ${seconds} s: ${quantity(documents, 'document')} saved, ${count(failures)} failed\n`,
    table('Documents', summary.types, [
      { name: 'type', cell: (row) => row.type, left: true },
      { name: 'documents', cell: (row) => count(row.documents) },
      { name: 'KB', cell: (row) => kilobytes(row.bytes) },
      { name: 'words', cell: (row) => count(row.words) },
      { name: 'headings', cell: (row) => count(row.headings) },
      { name: 'links', cell: (row) => count(row.links) },
    ]),
    table('Parsed by', summary.threads, [
      { name: 'thread', cell: (row) => count(row.thread) },
      { name: 'documents', cell: (row) => count(row.documents) },
    ]),
    table('Most linked hosts', summary.hosts, [
      { name: 'from documents', cell: (row) => count(row.documents) },
      { name: 'links', cell: (row) => count(row.links) },
      { name: 'host', cell: (row) => row.name, left: true },
    ]),
    table('Most linked addresses', summary.addresses, [
      { name: 'from documents', cell: (row) => count(row.documents) },
      { name: 'address', cell: (row) => row.name, left: true },
    ]),
    table('Slowest pages (fetching waits while the worker parses others)', summary.slowest, [
      { name: 'ms to fetch', cell: (row) => count(row.fetchMs) },
      { name: 'ms to parse', cell: (row) => count(row.parseMs) },
      { name: 'KB', cell: (row) => kilobytes(row.bytes) },
      { name: 'address', cell: (row) => row.url, left: true },
    ]),
    table(
      failures > mostFailures ? `Failures (the first ${mostFailures})` : 'Failures',
      summary.failures.slice(0, mostFailures),
      [
        { name: 'error', cell: (row) => row.error, left: true },
        { name: 'reason', cell: (row) => row.reason, left: true },
        { name: 'address', cell: (row) => row.url, left: true },
      ],
    ),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** Maximum number of failures in the report: a screenful. A database kept with `--keep` has all. */
const mostFailures = 25;

interface Column<Row> {
  readonly name: string;
  readonly cell: (row: Row) => string;
  readonly left?: boolean;
}

function table<Row>(title: string, rows: readonly Row[], columns: readonly Column<Row>[]): string {
  if (rows.length === 0) return '';
  // Text from the web must not control the terminal, so control characters become spaces.
  const cells = rows.map((row) => columns.map(({ cell }) => cell(row).replace(/\p{Cc}+/gu, ' ')));
  const grid = [columns.map(({ name }) => name), ...cells];
  const widths = columns.map((_, at) => Math.max(...grid.map((line) => line[at]!.length)));
  const lines = grid.map((line) =>
    line.map((cell, at) => (columns[at]!.left ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join('  '),
  );
  return `${title}\n${lines.map((line) => `  ${line}`.trimEnd()).join('\n')}\n`;
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);
const count = new Intl.NumberFormat('en', { maximumFractionDigits: 0 }).format;
const kilobytes = (bytes: number): string => oneDecimal.format(bytes / 1024);
const oneDecimal = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

function quantity(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}
