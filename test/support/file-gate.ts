/**
 * A gate made of files in a directory, for tasks on workers that share only the disk with the test.
 * The test and the tasks poll the files. The order of events does not depend on how long that
 * takes.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { filesIn, GLANCE } from '../fixtures/gate/layout.js';
import type { AnyGate } from './gate.js';

export class FileGate implements AnyGate {
  /** The path of the directory. */
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

  /**
   * Removes the directory, which also opens the gate, because a missing file means that the gate is
   * open. A task that arrives later fails, because the files of the gate are missing.
   */
  [Symbol.dispose](): void {
    // A task may write a file while the directory is removed. `maxRetries` would not list the
    // directory again.
    for (let tries = 1; existsSync(this.cells); tries++) {
      try {
        rmSync(this.cells, { recursive: true, force: true });
      } catch (error) {
        if (tries === 100) throw error;
      }
    }
  }
}
