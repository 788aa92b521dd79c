/**
 * A gate at the server of the tests, for workers that share no memory with the page. The page and
 * its workers ask with synchronous requests, so the order of events is the order of the requests.
 */
import type { AnyGate } from '../support/gate.js';

/** Pause in ms between two questions. */
const PAUSE_MS = 2;

let last = 0;

export class HttpGate implements AnyGate {
  /** The address of the gate. */
  readonly cells = `${globalThis.location.origin}/gate/${++last}`;

  get arrived(): number {
    return this.#ask('arrived');
  }

  get runs(): number {
    return this.#ask('runs');
  }

  get notes(): number[] {
    return this.#ask('notes');
  }

  async arrivals(count = 1): Promise<void> {
    while (this.arrived < count) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }

  open(): void {
    this.#ask('open');
  }

  [Symbol.dispose](): void {
    this.open();
  }

  #ask(what: string): any {
    const request = new XMLHttpRequest();
    request.open('POST', `${this.cells}/${what}`, false);
    request.send();
    return JSON.parse(request.responseText);
  }
}

declare const XMLHttpRequest: new () => {
  open(method: string, url: string, isAsync: boolean): void;
  send(): void;
  readonly responseText: string;
};
declare global {
  var location: { readonly origin: string; readonly href: string };
}
