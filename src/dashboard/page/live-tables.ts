/** The tables with buttons: the workers, and the tasks that run. */
import type { ActionName, RunningRow, WorkerRow } from '../frames.js';
import { h, setAttribute, setText } from './dom.js';
import { bytes, count, duration, NONE } from './format.js';
import { swatch } from './gantt/gantt.js';
import { meter } from './meter.js';
import { type Column, Table } from './table.js';

/** The actions of the buttons. */
export interface Actions {
  cancel(row: RunningRow): void;
  endWorker(row: WorkerRow): void;
  terminateWorker(row: WorkerRow): void;
  /** Returns why an action is not possible. */
  refusalOf(action: ActionName): string | undefined;
}

const TROUBLES: Readonly<Record<NonNullable<RunningRow['trouble']>, string>> = {
  lingering: 'cancelled, still runs',
  blocked: 'worker does not answer',
  long: 'unusually long',
};

export function workerTable(actions: Actions): Table<WorkerRow> {
  const share = (title: string, hint: string, of: (row: WorkerRow) => number | undefined): Column<WorkerRow> => ({
    title,
    hint,
    isDetail: title !== 'Busy',
    cell: () => {
      const { element, set } = meter(hint);
      return { element, update: (row: WorkerRow) => set(of(row)) };
    },
  });
  return new Table<WorkerRow>(
    'Workers',
    [
      { title: 'Worker', text: ({ name }) => name },
      {
        title: 'State',
        cell: () => {
          const element = h('span', { class: 'pill' });
          const update = ({ state, trouble }: WorkerRow) => {
            setText(element, trouble ?? state);
            element.dataset['kind'] = trouble === undefined ? state : 'trouble';
          };
          return { element, update };
        },
      },
      {
        title: 'Thread',
        hint: 'Id of the thread, or of the process',
        isNumber: true,
        isDetail: true,
        text: (row) => String(row.threadId ?? NONE),
      },
      share('Busy', 'Share of the last second in which the worker had a task', ({ busy }) => busy),
      share(
        'Event loop',
        'Share of the last second in which the event loop of the worker was not idle',
        ({ loop }) => loop,
      ),
      { title: 'Heap', isNumber: true, isDetail: true, text: ({ heap }) => bytes(heap) },
      {
        title: 'In flight',
        hint: 'Tasks that were sent to it',
        isNumber: true,
        text: ({ inFlight }) => count(inFlight),
      },
      {
        title: 'Runs',
        hint: 'Runs since the page was opened',
        isNumber: true,
        isDetail: true,
        text: ({ done }) => count(done),
      },
      { title: 'Actors', isNumber: true, isDetail: true, text: (row) => count(row.actors) },
      {
        title: 'Action',
        cell: () => {
          let row: WorkerRow;
          const isLeaving = () => row.state === 'leaving' || row.state === 'ending';
          const click = () => (isLeaving() ? actions.terminateWorker(row) : actions.endWorker(row));
          const element = h('button', { type: 'button', class: 'small', click });
          const update = (next: WorkerRow) => {
            row = next;
            setText(element, isLeaving() ? 'Terminate' : 'End');
            const hint = isLeaving()
              ? 'Ends the worker at once. Its tasks fail.'
              : 'Ends the worker after its running tasks.';
            enable(element, actions.refusalOf(isLeaving() ? 'terminate-worker' : 'end-worker'), hint);
          };
          return { element, update };
        },
      },
    ],
    ({ name }) => name,
    'No worker is up. Workers start when there is work for them.',
  );
}

export function runningTable(actions: Actions, present: () => number): Table<RunningRow> {
  return new Table<RunningRow>(
    'Tasks that run now, the longest first',
    [
      {
        title: 'Task',
        cell: () => {
          const text = h('span', { class: 'name' });
          const element = h('span', { class: 'named' }, text);
          let last: string | undefined;
          const update = ({ name }: RunningRow) => {
            if (name === last) return;
            last = name;
            setText(text, name);
            element.replaceChildren(swatch(name), text);
          };
          return { element, update };
        },
      },
      { title: 'Id', isNumber: true, text: ({ id }) => String(id) },
      { title: 'Worker', text: ({ worker }) => worker },
      { title: 'Runs for', isNumber: true, text: ({ startedAt }) => duration(Math.max(0, present() - startedAt)) },
      { title: 'Attempt', isNumber: true, isDetail: true, text: ({ attempt }) => String(attempt) },
      {
        title: 'State',
        cell: () => {
          const element = h('span', { class: 'pill' });
          const update = ({ trouble }: RunningRow) => {
            setText(element, trouble === undefined ? 'runs' : TROUBLES[trouble]);
            element.dataset['kind'] = trouble === undefined ? 'busy' : 'trouble';
          };
          return { element, update };
        },
      },
      {
        title: 'Action',
        cell: () => {
          let row: RunningRow;
          const element = h('button', { type: 'button', class: 'small', click: () => actions.cancel(row) }, 'Cancel');
          const update = (next: RunningRow) => {
            row = next;
            const refusal = row.trouble === 'lingering' ? 'It is cancelled already.' : actions.refusalOf('cancel');
            enable(element, refusal, `Cancels task #${row.id}`);
          };
          return { element, update };
        },
      },
    ],
    ({ worker, id, attempt }) => `${worker} ${id} ${attempt}`,
    'No task has run for 0.4 s or more.',
  );
}

/** Greys a button out with a reason. It stays reachable, so that the reason can be read. */
export function enable(button: HTMLButtonElement, refusal: string | undefined, hint: string): void {
  setAttribute(button, 'aria-disabled', refusal === undefined ? undefined : 'true');
  setAttribute(button, 'title', refusal ?? hint);
}
