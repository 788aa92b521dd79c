/**
 * A gate in the files of a directory of its own, for tasks on workers that share a disk with the test and nothing else.
 * Looking again and again takes the place of being woken: no order rests on how long that takes.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { filesIn, GLANCE } from '../fixtures/gate/layout.js';
import type { AnyGate } from './gate.js';

export class FileGate implements AnyGate {
  /** The directory. */
  readonly cells = mkdtempSync(join(tmpdir(), 'rx-futures-gate-'));

  readonly #files = filesIn(this.cells);

  constructor() {
    for (const file of Object.values(this.#files)) writeFileSync(file, '');
  }

  get arrived(): number {
    return statSync(this.#files.arrived).size;
  }

  get runs(): number {
    return statSync(this.#files.runs).size;
  }

  get notes(): number[] {
    const lines = readFileSync(this.#files.notes, 'utf8').split('\n');
    return lines.slice(0, -1).map(Number);
  }

  async arrivals(count = 1): Promise<void> {
    while (this.arrived < count) await setTimeout(GLANCE);
  }

  open(): void {
    rmSync(this.#files.shut, { force: true });
  }

  /** Opens it too: what is not there is not shut. A task that comes later still fails, since there is no gate to come to. */
  [Symbol.dispose](): void {
    // A task may leave something while the directory is removed. `maxRetries` would not look for it again.
    for (let tries = 1; existsSync(this.cells); tries++) {
      try {
        rmSync(this.cells, { recursive: true, force: true });
      } catch (error) {
        if (tries === 100) throw error;
      }
    }
  }
}
