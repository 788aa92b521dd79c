/**
 * The tasks of example 12: three steps that pass on a large text and many objects, and one that
 * changes binary data.
 */
import { transfer } from 'rx-futures/worker';

interface Point {
  readonly x: number;
  readonly y: number;
  readonly label: string;
}

/** Returns about 0.8 MB of JSON for 18,000 points. */
export function fetchText(points: number): string {
  return JSON.stringify(Array.from({ length: points }, (_, i): Point => ({ x: i, y: i * i, label: `point ${i}` })));
}

export function parse(text: string): Point[] {
  return JSON.parse(text);
}

export function count(points: Point[]): number {
  return points.length;
}

/** Inverts pixels in place and transfers them back, so that they are not copied. */
export function invert(pixels: Uint8Array): Uint8Array {
  for (let i = 0; i < pixels.length; i++) pixels[i] = 255 - pixels[i]!;
  return transfer(pixels);
}
