/** The tables of the page: functions, groups, actors and shared values. */
import type { ActorRow, FunctionRow, GroupRow, ProcessRow, SharedRow, Times } from '../frames.js';
import { h, setText } from './dom.js';
import { bytes, count, duration, NONE, percent, rate } from './format.js';
import { swatch } from './gantt/gantt.js';
import { meter } from './meter.js';
import { type Column, Table } from './table.js';

/** A function with what the page has computed. */
export interface ShownFunction extends FunctionRow {
  /** Tasks that settled in the last second. */
  readonly rate: number;
}

export function functionTable(): Table<ShownFunction> {
  const times = (
    title: string,
    of: (row: ShownFunction) => Times,
    key: 'p50' | 'p90' | 'p99',
  ): Column<ShownFunction> => ({
    title,
    hint: `${title}: ${key.slice(1)} % of the times are not longer`,
    isNumber: true,
    // The median of the runs is the first number that a reader looks for.
    isDetail: title !== 'Run p50',
    text: (row) => (of(row).count === 0 ? NONE : duration(of(row)[key])),
  });
  return new Table<ShownFunction>(
    'Functions',
    [
      { title: 'Function', cell: () => named((row: ShownFunction) => row.name, true) },
      {
        title: 'Progress',
        hint: 'Tasks that have settled, of those that are known',
        cell: () => {
          const { element, set } = meter('settled tasks');
          const update = ({ fulfilled, rejected, cancelled, known }: ShownFunction) => {
            const done = fulfilled + rejected + cancelled;
            set(
              known === 0 ? 0 : done / known,
              `${count(done)} of ${count(known)}`,
              known === 0 ? 0 : rejected / known,
            );
          };
          return { element, update };
        },
      },
      { title: 'Tasks/s', isNumber: true, isDetail: true, text: (row) => rate(row.rate) },
      { title: 'Failed', isNumber: true, text: (row) => count(row.rejected), className: (row) => bad(row.rejected) },
      { title: 'Retried', isNumber: true, isDetail: true, text: (row) => count(row.retried) },
      { title: 'Cancelled', isNumber: true, isDetail: true, text: (row) => count(row.cancelled) },
      times('Run p50', (row) => row.run, 'p50'),
      times('p90', (row) => row.run, 'p90'),
      times('p99', (row) => row.run, 'p99'),
      times('Wait p50', (row) => row.wait, 'p50'),
      times('p90', (row) => row.wait, 'p90'),
      times('p99', (row) => row.wait, 'p99'),
    ],
    ({ name }) => name,
    'No task was submitted since the page was opened.',
  );
}

export function groupTable(present: () => number): Table<GroupRow> {
  const timeOf = ({ startedAt, endedAt }: GroupRow) => Math.max(0, (endedAt ?? present()) - startedAt);
  return new Table<GroupRow>(
    'Groups: readings of asCompleted and map',
    [
      { title: 'Group', cell: () => named((row: GroupRow) => `${row.name} #${row.id}`) },
      {
        title: 'Progress',
        cell: () => {
          const { element, set } = meter('values that were read');
          const update = ({ done, failed, total, end }: GroupRow) => {
            const all = total ?? (end === 'completed' ? done : undefined);
            const text = all === undefined ? count(done) : `${count(done)} of ${count(all)}`;
            set(all === undefined || all === 0 ? 0 : done / all, text, all === undefined ? 0 : failed / all);
          };
          return { element, update };
        },
      },
      { title: 'Failed', isNumber: true, text: (row) => count(row.failed), className: (row) => bad(row.failed) },
      {
        title: 'Per second',
        isNumber: true,
        isDetail: true,
        text: (row) => (timeOf(row) === 0 ? NONE : rate((row.done / timeOf(row)) * 1_000)),
      },
      { title: 'Time', isNumber: true, isDetail: true, text: (row) => duration(timeOf(row)) },
      {
        title: 'Left',
        hint: 'Time that is left at this rate',
        isNumber: true,
        text: (row) => {
          if (row.end !== undefined) return row.end;
          if (row.total === undefined || row.done === 0) return NONE;
          return duration((timeOf(row) / row.done) * Math.max(0, row.total - row.done));
        },
      },
    ],
    ({ id }) => String(id),
    'Nothing reads asCompleted() or map() since the dashboard was started.',
  );
}

export function actorTable(): Table<ActorRow> {
  return new Table<ActorRow>(
    'Actors',
    [
      { title: 'Actor', text: ({ name }) => name },
      { title: 'State', text: ({ state }) => state, className: ({ state }) => (state === 'dead' ? 'bad' : undefined) },
      { title: 'Worker', text: ({ worker }) => worker ?? NONE },
      { title: 'Calls', hint: 'Calls that have not settled', isNumber: true, text: ({ calls }) => count(calls) },
    ],
    ({ name }) => name,
    'No actor is alive.',
  );
}

export function sharedTable(): Table<SharedRow> {
  return new Table<SharedRow>(
    'Shared values',
    [
      { title: 'Value', text: ({ name }) => name },
      { title: 'On workers', isNumber: true, text: ({ copies }) => count(copies) },
      { title: 'Used by tasks', isNumber: true, text: ({ uses }) => count(uses) },
      { title: 'State', text: ({ isDisposed }) => (isDisposed ? 'disposed of' : 'kept') },
    ],
    ({ name }) => name,
    'No value is shared.',
  );
}

export function describeProcess(row: ProcessRow): string {
  return `Main thread: loop ${percent(row.loop)} busy, heap ${bytes(row.heap)}. Process: ${bytes(row.rss)}.`;
}

/** A cell with a name, which is cut off if it is long. */
function named<Row>(nameOf: (row: Row) => string, hasColor = false) {
  const text = h('span', { class: 'name' });
  const element = h('span', { class: 'named' }, text);
  let last: string | undefined;
  return {
    element,
    update(row: Row) {
      const name = nameOf(row);
      if (name === last) return;
      last = name;
      setText(text, name);
      text.title = name;
      if (hasColor) element.replaceChildren(swatch(name), text);
    },
  };
}

function bad(value: number): string | undefined {
  return value > 0 ? 'bad' : undefined;
}
