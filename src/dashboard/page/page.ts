/** The page of a dashboard: puts its parts together, and passes the frames to them. */
import type { Action, ActionName, Frame, FunctionRow, Hello, RunningRow } from '../frames.js';
import { Charts } from './charts.js';
import { Connection } from './connection.js';
import { Dialogs } from './dialogs.js';
import { h, setText } from './dom.js';
import { Failures } from './failures.js';
import { clock, count } from './format.js';
import { Gantt } from './gantt/gantt.js';
import { Header } from './header.js';
import { listenKeys } from './keys.js';
import { card, legend, ZOOM, zoomButtons } from './layout.js';
import { type Actions, runningTable, workerTable } from './live-tables.js';
import { SourceModel } from './model.js';
import { actorTable, describeProcess, functionTable, groupTable, sharedTable } from './tables.js';
import { initTheme } from './theme.js';
import { Tiles } from './tiles.js';
import { Toast } from './toast.js';

/** Frames between two updates of texts that change with each frame. A reader needs no more. */
const TEXT_FRAMES = 2;
/** Time in ms after which a running task is listed. */
const SHOWN_AFTER_MS = 400;
const MAX_RUNNING = 50;

const MOVE = 0.2;

class Page {
  #models: SourceModel[] = [];
  #selected = 0;
  #server: string | undefined;
  #frames = 0;
  readonly #done = new Map<string, { at: number; settled: number; rate: number }>();
  readonly #connection: Connection;
  readonly #header: Header;
  readonly #dialogs: Dialogs;
  readonly #gantt = new Gantt(() => this.#header.showFrozen(this.#isFrozen));
  readonly #tiles = new Tiles();
  readonly #charts = new Charts();
  readonly #toast = new Toast();
  readonly #failures = new Failures();
  readonly #functions = functionTable();
  readonly #actors = actorTable();
  readonly #shared = sharedTable();
  readonly #groups = groupTable(() => this.#gantt.view.present);
  readonly #workers;
  readonly #running;
  readonly #others = h('p', { class: 'note' });
  readonly #since = h('p', { class: 'note' });
  readonly #process = h('p', { class: 'note' });

  constructor() {
    this.#connection = new Connection({
      hello: (hello) => this.#hello(hello),
      frame: (frame) => this.#frame(frame),
      connected: (problem) => this.#header.showProblem(problem),
    });
    this.#header = new Header({
      select: (source) => this.#select(source),
      togglePause: () => this.#togglePause(),
      freeze: () => this.#gantt.freeze(!this.#isFrozen),
      askToken: () => this.#dialogs.askToken(),
      help: () => this.#dialogs.showHelp(),
    });
    const actions: Actions = {
      cancel: ({ id }) => this.#act({ action: 'cancel', id, source: this.#selected }),
      endWorker: ({ name }) => this.#act({ action: 'end-worker', worker: name, source: this.#selected }),
      terminateWorker: ({ name }) =>
        this.#dialogs.ask(`The tasks that run on "${name}" fail with a WorkerDiedError.`, () =>
          this.#act({ action: 'terminate-worker', worker: name, source: this.#selected }),
        ),
      refusalOf: (action) => this.#refusalOf(action),
    };
    this.#workers = workerTable(actions);
    this.#running = runningTable(actions, () => this.#gantt.view.present);
    document.body.append(this.#header.element, this.#main(), this.#toast.element);
    this.#dialogs = new Dialogs((token) => {
      this.#connection.setToken(token);
      this.#header.showToken(true);
    });
    this.#header.showToken(this.#connection.token !== undefined);
    this.#header.showFrozen(false);
    this.#listen();
    void this.#connection.run();
  }

  get #isFrozen(): boolean {
    return this.#gantt.view.isFrozen;
  }

  get #model(): SourceModel | undefined {
    return this.#models[this.#selected];
  }

  #main(): HTMLElement {
    const zoom = zoomButtons((factor) => this.#gantt.zoom(factor));
    return h(
      'main',
      {},
      this.#tiles.element,
      card('Task stream', [this.#gantt.element], 'wide', zoom),
      card('Tasks per second', [this.#charts.throughput.element], 'half', legend('settled', 'accent', 'failed', 'bad')),
      card('Queue', [this.#charts.queue.element], 'half', legend('queued', 'cool', 'running', 'accent')),
      card('Functions', [this.#functions.element, this.#since], 'wide'),
      card('Workers', [this.#workers.element, this.#process], 'wide'),
      card('Running now', [this.#running.element, this.#others], 'half'),
      card('Groups', [this.#groups.element], 'half'),
      card('Failures', [this.#failures.element], 'wide'),
      card('Actors', [this.#actors.element], 'half'),
      card('Shared values', [this.#shared.element], 'half'),
    );
  }

  #hello({ server, sources }: Hello): void {
    if (server !== this.#server) {
      this.#models = sources.map(({ name }) => new SourceModel(name));
      this.#selected = 0;
    }
    this.#server = server;
    for (const [i, { points, runs, failures }] of sources.entries()) {
      const model = this.#models[i]!;
      // After a lost connection the page has this part of the history already.
      if (model.points.length > 0) continue;
      model.addPoints(points);
      model.addFailures(failures);
      for (const part of runs) model.addRuns(part);
    }
    this.#select(this.#selected);
  }

  #frame(frame: Frame): void {
    this.#gantt.view.frameAt(frame.at);
    for (const [i, source] of frame.sources.entries()) this.#models[i]?.add(frame.at, source);
    if (this.#isFrozen) return;
    if (frame.groups !== undefined) this.#groups.show(frame.groups);
    if (frame.process !== undefined) setText(this.#process, describeProcess(frame.process));
    this.#show(frame.groups !== undefined);
  }

  #show(isFull: boolean): void {
    const model = this.#model;
    if (model?.latest === undefined) return;
    const { counts, state, refusals, workers, running } = model.latest;
    this.#header.showState(state, counts.isPaused, counts.isPaused ? refusals.resume : refusals.pause);
    this.#charts.show(model);
    this.#failures.show(model.failures);
    if (this.#frames++ % TEXT_FRAMES === 0) {
      this.#tiles.show(model);
      this.#showRunning(running);
    }
    if (!isFull) return;
    this.#gantt.describe();
    this.#workers.show(workers);
    const { tables } = model;
    if (tables === undefined) return;
    this.#functions.show(tables.functions.map((row) => ({ ...row, rate: this.#rateOf(row) })));
    this.#actors.show(tables.actors);
    this.#shared.show(tables.shared);
    setText(this.#since, tables.note ?? `Counted since ${clock(tables.since)}, when the page was opened.`);
  }

  /** Shows the tasks that run for some time. Shorter ones would be gone before they are read. */
  #showRunning(running: readonly RunningRow[]): void {
    const { present } = this.#gantt.view;
    const rows = running.filter(
      ({ startedAt, trouble }) => trouble !== undefined || present - startedAt >= SHOWN_AFTER_MS,
    );
    this.#running.show(rows.slice(0, MAX_RUNNING));
    const others = running.length - Math.min(rows.length, MAX_RUNNING);
    const what = others === 1 ? '1 task that has just started is' : `${count(others)} tasks that have just started are`;
    setText(this.#others, others === 0 ? '' : `${what} not listed.`);
  }

  #rateOf({ name, fulfilled, rejected, cancelled }: FunctionRow): number {
    const settled = fulfilled + rejected + cancelled;
    const { present: at } = this.#gantt.view;
    const last = this.#done.get(`${this.#selected} ${name}`);
    const rate = last === undefined || settled < last.settled ? 0 : ((settled - last.settled) / (at - last.at)) * 1_000;
    this.#done.set(`${this.#selected} ${name}`, { at, settled, rate });
    return rate;
  }

  #select(source: number): void {
    if (this.#models[source] === undefined) return;
    this.#selected = source;
    this.#header.showSources(
      this.#models.map(({ name }) => name),
      source,
    );
    document.title = `${this.#model!.name} · rx-futures`;
    this.#failures.clear();
    this.#gantt.show(this.#model!);
    this.#show(true);
  }

  #refusalOf(action: ActionName): string | undefined {
    return this.#model?.latest?.refusals[action];
  }

  #togglePause(): void {
    const action = this.#model?.latest?.counts.isPaused === true ? 'resume' : 'pause';
    this.#act({ action, source: this.#selected });
  }

  #act(action: Action): void {
    const refusal = this.#refusalOf(action.action);
    if (refusal !== undefined) {
      this.#toast.show(refusal, false);
      return;
    }
    if (this.#connection.token === undefined) {
      this.#dialogs.askToken();
      return;
    }
    void this.#connection.act(action).then(({ ok, message, isForbidden }) => {
      this.#toast.show(message, ok);
      if (isForbidden === true) this.#dialogs.askToken();
    });
  }

  #listen(): void {
    const numbers = Array.from({ length: 9 }, (_, i) => [String(i + 1), () => this.#select(i)]);
    listenKeys(
      {
        ' ': () => this.#gantt.freeze(!this.#isFrozen),
        '+': () => this.#gantt.zoom(1 / ZOOM),
        '=': () => this.#gantt.zoom(1 / ZOOM),
        '-': () => this.#gantt.zoom(ZOOM),
        '0': () => {
          this.#gantt.view.span = 10_000;
          this.#gantt.freeze(false);
        },
        ArrowLeft: () => this.#gantt.move(-MOVE),
        ArrowRight: () => this.#gantt.move(MOVE),
        p: () => this.#togglePause(),
        k: () => this.#dialogs.askToken(),
        t: () => this.#header.changeTheme(),
        '?': () => this.#dialogs.showHelp(),
        ...Object.fromEntries(numbers),
      },
      () => this.#dialogs.isOpen,
    );
  }
}

initTheme();
new Page();
