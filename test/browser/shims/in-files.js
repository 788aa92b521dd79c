/** The gate at the server (http-gate.ts), used by tasks. Its requests block the thread. */
const PAUSE_MS = 5;

export class GateInFiles {
  #url;

  /** @param {string} url */
  constructor(url) {
    this.#url = url;
  }

  arrive() {
    this.#send('arrive');
  }

  /** Blocks the thread until the gate is open. */
  hold() {
    // The server answers late, so this loop uses little of the processor.
    while (this.#send('wait') !== 'open');
  }

  /** Resolves when the gate is open. The thread is not blocked meanwhile. */
  async linger() {
    for (;;) {
      if ((await (await fetch(`${this.#url}/state`)).text()) === 'open') return;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  run() {
    return Number(this.#send('run'));
  }

  /** @param {number} mark */
  note(mark) {
    this.#send(`note/${mark}`);
  }

  /** In one request, because a cancelled task that blocks its thread for long is terminated. */
  arriveWith(text) {
    this.#send(`note-and-arrive/${Array.from(text, (character) => character.charCodeAt(0)).join()}`);
  }

  /** @param {string} what */
  #send(what) {
    const request = new XMLHttpRequest();
    request.open('POST', `${this.#url}/${what}`, false);
    request.send();
    return request.responseText;
  }
}
