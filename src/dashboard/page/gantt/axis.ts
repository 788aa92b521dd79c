/** The axis of the task stream: lines and labels of the time. */
import { clock } from '../format.js';
import { AXIS, GUTTER, type Scene, xOf } from './scene.js';

export function drawAxis(context: CanvasRenderingContext2D, scene: Scene, height: number): void {
  const { view, width, colors } = scene;
  const step = stepFor(view.span, (width - GUTTER) / 110);
  context.textAlign = 'center';
  for (let at = Math.ceil(view.start / step) * step; at <= view.end; at += step) {
    const x = Math.round(xOf(scene, at)) + 0.5;
    context.fillStyle = colors.grid;
    context.fillRect(x, 0, 1, height - AXIS);
    context.fillStyle = colors.muted;
    if (x > GUTTER + 30 && x < width - 30) context.fillText(label(at, step), x, height - AXIS / 2);
  }
}

/** Returns the time between two labels: 1, 2 or 5 times a power of ten, in ms. */
function stepFor(span: number, labels: number): number {
  const least = span / Math.max(1, labels);
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least)!;
}

function label(at: number, step: number): string {
  const time = clock(at);
  if (step >= 1_000) return time;
  const digits = Math.min(3, Math.ceil(-Math.log10(step / 1_000)));
  const part = Math.floor((at % 1_000) * 10 ** (digits - 3)) % 10 ** digits;
  return `${time}.${String(part).padStart(digits, '0')}`;
}
