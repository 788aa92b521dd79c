/** A short message at the bottom of the page, which goes away by itself. */
import { h } from './dom.js';

const SHOWN_MS = 5_000;

export class Toast {
  readonly element = h('p', { class: 'toast', role: 'status', hidden: true });
  #timer: ReturnType<typeof setTimeout> | undefined;

  show(message: string, isGood: boolean): void {
    this.element.textContent = message;
    this.element.classList.toggle('bad', !isGood);
    this.element.hidden = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.element.hidden = true;
    }, SHOWN_MS);
  }
}
