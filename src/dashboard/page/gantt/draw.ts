/** Draws the task stream on a canvas: a row for each worker, and a rectangle for each run. */
import { CANCELLED, FAILED, RETRIED, type RunningRow } from '../../frames.js';
import { colorOf, type ThemeColors } from '../colors.js';
import type { Run } from '../model.js';
import { drawAxis } from './axis.js';
import { fitted } from './fitted.js';
import { AXIS, GUTTER, heightOf, type Row, type Scene, xOf } from './scene.js';

/** Connections are drawn up to so many runs on the screen. More would cover the runs. */
const MAX_CONNECTED = 2_500;
/** Names are drawn into rectangles of at least this width. */
const MIN_LABELLED = 44;
const FONT = '12px system-ui, sans-serif';

export function draw(
  context: CanvasRenderingContext2D,
  scene: Scene,
  rows: readonly Row[],
  visible: readonly Run[],
): void {
  const { width, colors } = scene;
  const height = heightOf(rows);
  context.clearRect(0, 0, width, height);
  context.font = FONT;
  context.textBaseline = 'middle';
  drawAxis(context, scene, height);
  drawRows(context, rows, width, colors);
  const byWorker = new Map(rows.map((row) => [row.worker, row]));
  context.save();
  context.beginPath();
  context.rect(GUTTER, 0, width - GUTTER, height - AXIS);
  context.clip();
  for (const run of visible) drawRun(context, scene, byWorker.get(run.worker), run);
  for (const task of scene.model.latest?.running ?? []) drawRunning(context, scene, byWorker.get(task.worker), task);
  if (visible.length <= MAX_CONNECTED) drawChains(context, scene, byWorker, visible);
  context.restore();
}

/** Returns the run at a point, or the task that runs there. */
export function hit(
  scene: Scene,
  rows: readonly Row[],
  visible: readonly Run[],
  x: number,
  y: number,
): Hit | undefined {
  const row = rows.find(({ top, height }) => y >= top && y <= top + height);
  if (row === undefined || x < GUTTER) return undefined;
  const lane = Math.min(row.lanes - 1, Math.floor(((y - row.top) / row.height) * row.lanes));
  const { model, view } = scene;
  const at = view.start + ((x - GUTTER) / (scene.width - GUTTER)) * view.span;
  // A rectangle that is narrower than a pixel is found within two pixels.
  const tolerance = (2 / (scene.width - GUTTER)) * view.span;
  for (let i = visible.length - 1; i >= 0; i--) {
    const run = visible[i]!;
    if (run.worker !== row.worker || run.lane !== lane) continue;
    if (at >= run.start - tolerance && at <= run.end + tolerance) return { run };
  }
  const task = model.latest?.running.find(
    ({ worker, id, attempt, startedAt }) =>
      worker === row.worker && model.lanes.laneOf(worker, id, attempt) === lane && at >= startedAt,
  );
  return task === undefined ? undefined : { task };
}

export type Hit =
  | { readonly run: Run; readonly task?: undefined }
  | { readonly task: RunningRow; readonly run?: undefined };

function drawRows(context: CanvasRenderingContext2D, rows: readonly Row[], width: number, colors: ThemeColors): void {
  for (const { worker, top, height } of rows) {
    context.fillStyle = colors.lane;
    context.fillRect(GUTTER, top, width - GUTTER, height);
    context.fillStyle = colors.text;
    context.textAlign = 'left';
    context.fillText(fitted(context, worker, GUTTER - 16), 4, top + height / 2);
  }
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

function boxOf(scene: Scene, { top, height, lanes }: Row, lane: number, start: number, end: number): Box {
  const x = xOf(scene, start);
  const h = height / lanes;
  return { x, y: top + lane * h, w: Math.max(1, xOf(scene, end) - x), h: Math.max(2, h - (lanes > 1 ? 1 : 0)) };
}

function drawRun(context: CanvasRenderingContext2D, scene: Scene, row: Row | undefined, run: Run): void {
  if (row === undefined) return;
  const box = boxOf(scene, row, run.lane, run.start, run.end);
  context.globalAlpha = run.status === CANCELLED ? 0.35 : 1;
  context.fillStyle = colorOf(run.task);
  // A thin gap keeps neighbours of one colour apart.
  context.fillRect(box.x, box.y, box.w > 4 ? box.w - 1 : box.w, box.h);
  context.globalAlpha = 1;
  if (run.status === FAILED || run.status === RETRIED) markBad(context, box, run.status, scene.colors);
  if (run.id === scene.hovered) outline(context, box, scene.colors.text);
  if (box.w >= MIN_LABELLED && box.h >= 14) drawLabel(context, box, run.task);
}

/** A task that still runs has an open right end. */
function drawRunning(context: CanvasRenderingContext2D, scene: Scene, row: Row | undefined, task: RunningRow): void {
  if (row === undefined) return;
  const lane = scene.model.lanes.laneOf(task.worker, task.id, task.attempt);
  const box = boxOf(scene, row, lane, task.startedAt, scene.view.end);
  if (box.x > scene.width) return;
  context.fillStyle = task.trouble === undefined ? colorOf(task.name) : scene.colors.warn;
  context.globalAlpha = 0.55;
  context.fillRect(box.x, box.y, box.w, box.h);
  context.globalAlpha = 1;
  context.fillStyle = colorOf(task.name);
  context.fillRect(box.x, box.y + box.h - 2, box.w, 2);
  if (task.id === scene.hovered) outline(context, box, scene.colors.text);
  if (box.w >= MIN_LABELLED && box.h >= 14) drawLabel(context, box, task.name);
}

/** Marks a failure by shape too: a bar at the top, and a cross if it was not tried again. */
function markBad(context: CanvasRenderingContext2D, { x, y, w, h }: Box, status: number, { bad }: ThemeColors): void {
  context.fillStyle = bad;
  context.fillRect(x, y, w, Math.min(4, h));
  if (status === RETRIED) return;
  const width = Math.max(2, Math.min(w, 3));
  context.fillRect(x + w - width, y, width, h);
  if (w < 12 || h < 12) return;
  const [cx, cy] = [x + w - 10, y + h / 2 + 1];
  context.strokeStyle = '#fff';
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(cx - 3, cy - 3);
  context.lineTo(cx + 3, cy + 3);
  context.moveTo(cx + 3, cy - 3);
  context.lineTo(cx - 3, cy + 3);
  context.stroke();
}

function outline(context: CanvasRenderingContext2D, { x, y, w, h }: Box, color: string): void {
  context.strokeStyle = color;
  context.lineWidth = 2;
  context.strokeRect(x - 1, y - 1, w + 2, h + 2);
}

function drawLabel(context: CanvasRenderingContext2D, { x, y, w, h }: Box, name: string): void {
  context.fillStyle = '#fff';
  context.textAlign = 'left';
  const from = Math.max(x, GUTTER);
  const room = x + w - from - 20;
  if (room > 20) context.fillText(fitted(context, name, room), from + 6, y + h / 2 + 1);
}

/** Connects the steps of chains, if they run on different workers or apart in time. */
function drawChains(
  context: CanvasRenderingContext2D,
  scene: Scene,
  rows: ReadonlyMap<string, Row>,
  visible: readonly Run[],
): void {
  const byId = new Map(visible.map((run) => [run.id, run]));
  context.strokeStyle = scene.colors.muted;
  context.lineWidth = 1;
  context.beginPath();
  for (const run of visible) {
    const from = run.upstream === 0 ? undefined : byId.get(run.upstream);
    const [a, b] = [from === undefined ? undefined : rows.get(from.worker), rows.get(run.worker)];
    if (from === undefined || a === undefined || b === undefined) continue;
    const start = boxOf(scene, a, from.lane, from.start, from.end);
    const end = boxOf(scene, b, run.lane, run.start, run.end);
    const [x1, x2] = [start.x + start.w, end.x];
    if (a === b && from.lane === run.lane && x2 - x1 < 3) continue;
    const [y1, y2] = [start.y + start.h / 2, end.y + end.h / 2];
    const bend = Math.max(6, Math.min(40, (x2 - x1) / 2));
    context.moveTo(x1, y1);
    context.bezierCurveTo(x1 + bend, y1, x2 - bend, y2, x2, y2);
  }
  context.stroke();
}
