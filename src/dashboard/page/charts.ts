/** The charts over time: throughput, and the tasks that wait and run. */
import uPlot from 'uplot';
import { type ThemeColors, themeColors } from './colors.js';
import { h } from './dom.js';
import { clock, count } from './format.js';
import type { SourceModel } from './model.js';
import { onThemeChange } from './theme.js';

const HEIGHT = 150;
/** Points over which the throughput is averaged: a second. */
const AVERAGED = 5;

interface Line {
  readonly label: string;
  readonly color: keyof ThemeColors;
}

export class Charts {
  readonly throughput = new Chart([
    { label: 'settled', color: 'accent' },
    { label: 'failed', color: 'bad' },
  ]);
  readonly queue = new Chart([
    { label: 'queued', color: 'cool' },
    { label: 'running', color: 'accent' },
  ]);

  show({ points }: SourceModel): void {
    const times = points.map(({ at }) => at / 1_000);
    this.throughput.show([times, rates(points, 'done'), rates(points, 'failed')]);
    this.queue.show([times, points.map(({ queued }) => queued), points.map(({ running }) => running)]);
  }
}

function rates(points: SourceModel['points'], key: 'done' | 'failed'): (number | null)[] {
  return points.map((point, i) => {
    const before = points[Math.max(0, i - AVERAGED)]!;
    const passed = point.at - before.at;
    // While no page was open, nothing was measured.
    return passed <= 0 || passed > 5_000 ? null : Math.max(0, ((point[key] - before[key]) / passed) * 1_000);
  });
}

class Chart {
  readonly element = h('div', { class: 'chart' });
  readonly #lines: readonly Line[];
  #plot: uPlot | undefined;
  #data: uPlot.AlignedData = [[]];

  constructor(lines: readonly Line[]) {
    this.#lines = lines;
    onThemeChange(() => this.#rebuild());
    new ResizeObserver(() => this.#resize()).observe(this.element);
  }

  show(data: readonly (readonly (number | null)[])[]): void {
    this.#data = data as unknown as uPlot.AlignedData;
    if (this.#plot === undefined) this.#rebuild();
    else this.#plot.setData(this.#data);
  }

  #resize(): void {
    const width = this.element.clientWidth;
    if (width > 0) this.#plot?.setSize({ width, height: HEIGHT });
  }

  #rebuild(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
    const width = this.element.clientWidth;
    if (width === 0) return;
    this.#plot = new uPlot(optionsOf(this.#lines, themeColors(), width), this.#data, this.element);
  }
}

function optionsOf(lines: readonly Line[], colors: ThemeColors, width: number): uPlot.Options {
  const axis = { stroke: colors.muted, font: '11px system-ui, sans-serif', ticks: { show: false } };
  return {
    width,
    height: HEIGHT,
    padding: [10, 12, 0, 0],
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { size: 6 } },
    scales: { y: { range: (_, __, max) => [0, Math.max(1, max * 1.1)] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 24,
        space: 90,
        values: (_, times) => times.map((at) => clock(at * 1_000)),
      },
      {
        ...axis,
        grid: { stroke: colors.grid, width: 1 },
        size: 56,
        space: 34,
        values: (_, values) => values.map((value) => (Number.isInteger(value) ? count(value) : '')),
      },
    ],
    series: [
      {},
      ...lines.map(({ label, color }) => ({
        label,
        stroke: colors[color],
        fill: `color-mix(in srgb, ${colors[color]} 14%, transparent)`,
        width: 1.5,
        points: { show: false },
      })),
    ],
  };
}
