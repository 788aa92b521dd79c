/** The part of time that the task stream shows: it follows the present, or is frozen. */

/** Shortest and longest time in ms on the screen. */
const MIN_SPAN = 2;
const MAX_SPAN = 120_000;
const DEFAULT_SPAN = 10_000;
/** Time in ms by which the right edge is behind the present, so that frames arrive before it. */
const DELAY_MS = 350;

export class Viewport {
  span = DEFAULT_SPAN;
  /** The right edge in ms since the epoch, by the clock of the server. Undefined: the present. */
  #frozenAt: number | undefined;
  /** Clock of the server minus `performance.now()` of this page. */
  #offset: number | undefined;

  get isFrozen(): boolean {
    return this.#frozenAt !== undefined;
  }

  get end(): number {
    return this.#frozenAt ?? this.present - DELAY_MS;
  }

  get start(): number {
    return this.end - this.span;
  }

  get present(): number {
    return performance.now() + (this.#offset ?? performance.timeOrigin);
  }

  /** Called with the time of each frame. A quick frame shows the difference of the clocks best. */
  frameAt(at: number): void {
    const offset = at - performance.now();
    this.#offset = this.#offset === undefined || offset > this.#offset ? offset : this.#offset * 0.95 + offset * 0.05;
  }

  freeze(): void {
    this.#frozenAt ??= this.end;
  }

  follow(): void {
    this.#frozenAt = undefined;
  }

  /** Changes the span by a factor. `anchor` is the fraction of the width that stays in place. */
  zoom(factor: number, anchor = 1): void {
    const span = Math.min(MAX_SPAN, Math.max(MIN_SPAN, this.span * factor));
    if (this.#frozenAt !== undefined) this.#frozenAt += (1 - anchor) * (span - this.span);
    this.span = span;
  }

  /** Moves by a fraction of the span, and freezes. */
  move(fraction: number): void {
    this.freeze();
    this.#frozenAt = Math.min(this.present - DELAY_MS, this.#frozenAt! + fraction * this.span);
  }
}
