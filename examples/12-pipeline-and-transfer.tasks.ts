/** Three steps with a large text and many objects between them, and one that works on binary data. */
import { transfer } from 'rx-futures/worker';

interface Point {
  readonly x: number;
  readonly y: number;
  readonly label: string;
}

/** Some 0.8 MB of JSON. */
export function fetchText(points: number): string {
  return JSON.stringify(Array.from({ length: points }, (_, i): Point => ({ x: i, y: i * i, label: `point ${i}` })));
}

export function parse(text: string): Point[] {
  return JSON.parse(text);
}

export function count(points: Point[]): number {
  return points.length;
}

/** Takes the pixels over and hands them back: nobody copies them. */
export function invert(pixels: Uint8Array): Uint8Array {
  for (let i = 0; i < pixels.length; i++) pixels[i] = 255 - pixels[i]!;
  return transfer(pixels);
}
