/** The task stream: a canvas that can be zoomed, moved and frozen, by pointer and by keys. */
import { CANCELLED, FAILED, RETRIED } from '../../frames.js';
import { colorOf, type ThemeColors, themeColors } from '../colors.js';
import { h, setText } from '../dom.js';
import { count, duration } from '../format.js';
import type { Run, SourceModel } from '../model.js';
import { onThemeChange } from '../theme.js';
import { draw, type Hit, hit } from './draw.js';
import { GUTTER, heightOf, type Row, rowsOf, type Scene } from './scene.js';
import { Viewport } from './viewport.js';

/** Time in ms between two drawings. */
const DRAW_MS = 33;
const STATUS: Readonly<Record<number, string>> = {
  [FAILED]: 'failed',
  [RETRIED]: 'failed, retried',
  [CANCELLED]: 'cancelled',
};

export class Gantt {
  readonly view = new Viewport();
  readonly element: HTMLElement;
  readonly #canvas = h('canvas', { tabindex: 0, role: 'img', 'aria-label': 'Task stream' });
  readonly #tip = h('div', { class: 'tip', role: 'tooltip', hidden: true });
  readonly #note = h('p', { class: 'note' });
  readonly #legend = h('ul', { class: 'legend', 'aria-label': 'Functions' });
  readonly #empty = h('p', { class: 'empty' }, 'No task has run since the page was opened.');
  readonly #onFreeze: () => void;
  #model: SourceModel | undefined;
  #colors: ThemeColors;
  #rows: Row[] = [];
  #visible: Run[] = [];
  #pointer: { x: number; y: number } | undefined;
  #drag: number | undefined;
  #lastDrawn = 0;
  #legendText = '';

  /** `onFreeze` is called when the stream has been frozen or follows the present again. */
  constructor(onFreeze: () => void) {
    this.#onFreeze = onFreeze;
    this.#colors = themeColors();
    onThemeChange(() => {
      this.#colors = themeColors();
    });
    const scroller = h('div', { class: 'stream' }, this.#canvas, this.#tip, this.#empty);
    this.element = h('div', {}, scroller, this.#note, this.#legend);
    this.#listen();
    const frame = (time: number) => {
      if (time - this.#lastDrawn >= DRAW_MS) this.#draw(time);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  show(model: SourceModel): void {
    this.#model = model;
    this.#legendText = '';
  }

  freeze(isFrozen: boolean): void {
    if (isFrozen) this.view.freeze();
    else this.view.follow();
    this.#onFreeze();
  }

  zoom(factor: number, anchor?: number): void {
    this.view.zoom(factor, anchor ?? (this.view.isFrozen ? 0.5 : 1));
  }

  move(fraction: number): void {
    this.view.move(fraction);
    this.#onFreeze();
  }

  /** Updates the texts. Called with the tables, once a second. */
  describe(): void {
    const model = this.#model;
    if (model === undefined) return;
    const { seen, drawn } = model.sampled;
    const isSampled = seen > drawn;
    setText(
      this.#note,
      isSampled
        ? `Sampled: ${count(drawn)} of the ${count(seen)} runs of the last second are drawn. All numbers count every task.`
        : 'Every run is drawn.',
    );
    const tasks = [...new Set(this.#visible.map(({ task }) => task))].sort();
    if (tasks.join() !== this.#legendText) {
      this.#legendText = tasks.join();
      this.#legend.replaceChildren(...tasks.slice(0, 24).map((task) => h('li', {}, swatch(task), task)));
    }
    const failed = this.#visible.filter(({ status }) => status === FAILED).length;
    this.#canvas.setAttribute(
      'aria-label',
      `Task stream of ${this.#rows.length} workers. ${count(this.#visible.length)} runs of ${tasks.length} functions in ${duration(this.view.span)}, ${count(failed)} of them failed.`,
    );
  }

  #draw(time: number): void {
    const model = this.#model;
    const width = this.#canvas.parentElement?.clientWidth ?? 0;
    if (model === undefined || width === 0 || document.hidden) return;
    this.#lastDrawn = time;
    const { start, end } = this.view;
    this.#visible = model.runs.filter((run) => run.end >= start && run.start <= end);
    this.#rows = rowsOf(model, this.#workers(model));
    this.#empty.hidden = model.runs.length > 0 || (model.latest?.running.length ?? 0) > 0;
    this.#resize(width, heightOf(this.#rows));
    const context = this.#canvas.getContext('2d')!;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    const found = this.#hit(model, width);
    const hovered = found?.run?.id ?? found?.task?.id;
    draw(context, this.#scene(model, width, hovered), this.#rows, this.#visible);
    this.#showTip(found);
  }

  /** Returns the workers that are up, and those that had a run in the shown time. */
  #workers(model: SourceModel): string[] {
    const up = new Set(model.latest?.workers.map(({ name }) => name));
    const seen = new Set(this.#visible.map(({ worker }) => worker));
    for (const worker of model.lanes.workers) {
      if (!up.has(worker) && !seen.has(worker) && !this.view.isFrozen) model.lanes.forget(worker);
    }
    return [...new Set([...up, ...seen])].filter((name) => name !== '').sort(byNumber);
  }

  #scene(model: SourceModel, width: number, hovered: number | undefined): Scene {
    return { model, view: this.view, width, colors: this.#colors, hovered };
  }

  #resize(width: number, height: number): void {
    const [w, h] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
    if (this.#canvas.width === w && this.#canvas.height === h) return;
    this.#canvas.width = w;
    this.#canvas.height = h;
    this.#canvas.style.width = `${width}px`;
    this.#canvas.style.height = `${height}px`;
  }

  #hit(model: SourceModel, width: number): Hit | undefined {
    if (this.#pointer === undefined || this.#drag !== undefined) return undefined;
    const { x, y } = this.#pointer;
    return hit(this.#scene(model, width, undefined), this.#rows, this.#visible, x, y);
  }

  #showTip(found: Hit | undefined): void {
    this.#tip.hidden = found === undefined;
    if (found === undefined || this.#pointer === undefined) return;
    const lines = found.run === undefined ? linesOfTask(found.task, this.view.present) : linesOfRun(found.run);
    const [title = '', ...rest] = lines;
    if (this.#tip.dataset['text'] !== lines.join('\n')) {
      this.#tip.dataset['text'] = lines.join('\n');
      this.#tip.replaceChildren(h('strong', {}, title), ...rest.map((line) => h('span', {}, line)));
    }
    const { x, y } = this.#pointer;
    const isRight = x > this.#canvas.clientWidth / 2;
    this.#tip.style.transform = `translate(${x + (isRight ? -12 : 12)}px, ${y + 14}px)${isRight ? ' translateX(-100%)' : ''}`;
  }

  #listen(): void {
    const canvas = this.#canvas;
    const at = ({ clientX, clientY }: MouseEvent) => {
      const { left, top } = canvas.getBoundingClientRect();
      return { x: clientX - left, y: clientY - top };
    };
    canvas.addEventListener('pointermove', (event) => {
      this.#pointer = at(event);
      if (this.#drag === undefined) return;
      const moved = this.#drag - this.#pointer.x;
      this.#drag = this.#pointer.x;
      if (moved !== 0) this.move(moved / (canvas.clientWidth - GUTTER));
    });
    canvas.addEventListener('pointerdown', (event) => {
      this.#drag = at(event).x;
      canvas.setPointerCapture(event.pointerId);
    });
    for (const type of ['pointerup', 'pointercancel'] as const)
      canvas.addEventListener(type, () => {
        this.#drag = undefined;
      });
    canvas.addEventListener('pointerleave', () => {
      this.#pointer = undefined;
    });
    canvas.addEventListener(
      'wheel',
      (event) => {
        // Without a key the wheel scrolls the page, as everywhere.
        if (!event.ctrlKey && !event.shiftKey && !event.altKey) return;
        event.preventDefault();
        const anchor = (at(event).x - GUTTER) / (canvas.clientWidth - GUTTER);
        this.zoom(1.0015 ** (event.deltaY || event.deltaX), this.view.isFrozen ? anchor : 1);
      },
      { passive: false },
    );
  }
}

export function swatch(task: string): HTMLElement {
  const element = h('i', { class: 'swatch', 'aria-hidden': 'true' });
  element.style.background = colorOf(task);
  return element;
}

function linesOfRun({ task, id, start, end, waited, status, attempt, worker }: Run): string[] {
  return [
    `${task} #${id}`,
    `ran ${duration(end - start)} on ${worker}`,
    `waited ${duration(waited)}`,
    ...(attempt > 1 ? [`run ${attempt}`] : []),
    ...(STATUS[status] === undefined ? [] : [STATUS[status]!]),
  ];
}

function linesOfTask(task: NonNullable<Hit['task']>, present: number): string[] {
  const { name, id, startedAt, worker, attempt, trouble } = task;
  return [
    `${name} #${id}`,
    `runs for ${duration(present - startedAt)} on ${worker}`,
    ...(attempt > 1 ? [`run ${attempt}`] : []),
    ...(trouble === undefined ? [] : [trouble]),
  ];
}

const collator = new Intl.Collator('en', { numeric: true });
const byNumber = (a: string, b: string): number => collator.compare(a, b);
