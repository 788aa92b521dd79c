/** The scene that is drawn: the rows of the workers, and the place of a moment. */
import type { ThemeColors } from '../colors.js';
import type { SourceModel } from '../model.js';
import type { Viewport } from './viewport.js';

/** Width of the names of the workers, and height of the labels of the time. */
export const GUTTER = 148;
export const AXIS = 24;
const ROW = 26;
const ROW_GAP = 6;
const MIN_LANE = 8;

/** The rows of a worker. */
export interface Row {
  readonly worker: string;
  readonly top: number;
  readonly height: number;
  readonly lanes: number;
}

export interface Scene {
  readonly model: SourceModel;
  readonly view: Viewport;
  readonly width: number;
  readonly colors: ThemeColors;
  readonly hovered: number | undefined;
}

export function rowsOf({ lanes }: SourceModel, workers: readonly string[]): Row[] {
  let top = 4;
  return workers.map((worker) => {
    const count = lanes.countOf(worker);
    const height = Math.max(ROW, count * MIN_LANE);
    const row = { worker, top, height, lanes: count };
    top += height + ROW_GAP;
    return row;
  });
}

export function heightOf(rows: readonly Row[]): number {
  const last = rows.at(-1);
  return (last === undefined ? ROW : last.top + last.height) + AXIS + 4;
}

/** Returns the place of a moment. */
export function xOf({ view, width }: Scene, at: number): number {
  return GUTTER + ((at - view.start) / view.span) * (width - GUTTER);
}
