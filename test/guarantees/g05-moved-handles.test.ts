/**
 * G5 Everything settles: a FileHandle that was moved, and that no task or caller receives, is
 * closed. If an open FileHandle is collected, Node 25 and later report an uncaught error, which
 * ends the process.
 */
import { fstatSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type FileHandle, open as openFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Deferred, transfer } from 'rx-futures';
import { afterAll, describe, expect, it } from 'vitest';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';
import { until } from '../support/until.js';

const executor = open('moving.js', { maxWorkers: 1, onUnobservedError() {} });
const folder = mkdtempSync(join(tmpdir(), 'rx-futures-handles-'));
afterAll(async () => {
  await executor.terminate();
  rmSync(folder, { recursive: true, force: true });
});

let files = 0;

/** A file of its own, so that its inode shows whether this process still has it open. */
function newFile(): string {
  const path = join(folder, String(files++));
  writeFileSync(path, 'text');
  return path;
}

async function openNew() {
  const file: FileHandle = await openFile(newFile());
  const { ino } = await file.stat();
  return { file, closed: () => until(() => !isOpen(ino), 5_000) };
}

function isOpen(ino: number): boolean {
  for (let fd = 3; fd < 256; fd++) {
    try {
      if (fstatSync(fd).ino === ino) return true;
    } catch {
      // No open file has the number `fd`.
    }
  }
  return false;
}

const read = async (file: FileHandle) => {
  const text = String(await file.readFile());
  await file.close();
  return text;
};

describe('G5 Everything settles: moved FileHandles', () => {
  it('a moved FileHandle is closed when its task is cancelled before it is sent', async () => {
    using gate = new Gate();
    const busy = executor.tasks.holdAtGate(gate.cells);
    await gate.arrivals();
    const { file, closed } = await openNew();
    executor.submit(read, transfer(file)).cancel();
    await closed();
    gate.open();
    await busy;
  });

  it('a moved FileHandle is closed when its task is cancelled while another argument is pending', async () => {
    const { file, closed } = await openNew();
    const other = new Deferred<number>();
    executor.submit((_file: FileHandle, n: number) => n, transfer(file), other.future).cancel();
    await closed();
  });

  it('a moved FileHandle is closed when another argument of the same call cannot be sent', async () => {
    const { file, closed } = await openNew();
    const fault = executor.submit(
      (_file: FileHandle, fn: unknown) => fn,
      transfer(file),
      () => {},
    );
    await expect(fault).rejects.toThrow('arguments[1] is a function');
    await closed();
  });

  it('a moved FileHandle is closed when its task is cancelled on the worker before it starts', async () => {
    using gate = new Gate();
    const busy = executor.tasks.holdAtGate(gate.cells);
    const { file, closed } = await openNew();
    const sent = executor.submit(read, transfer(file));
    await gate.arrivals();
    sent.cancel();
    gate.open();
    await busy;
    await closed();
  });

  it('a moved FileHandle is closed when a task that was cancelled returns it', async () => {
    using gate = new Gate();
    const path = newFile();
    const future = executor.tasks.openAtGate(path, gate.cells);
    await gate.arrivals();
    const { ino } = statSync(path);
    expect(isOpen(ino)).toBe(true);
    future.cancel();
    gate.open();
    await until(() => !isOpen(ino), 5_000);
  });

  it('a moved FileHandle is closed when a stream whose reader has left emits it', async () => {
    using gate = new Gate();
    const path = newFile();
    const subscription = executor.tasks.streamAtGate.stream(path, gate.cells).subscribe();
    await gate.arrivals();
    const { ino } = statSync(path);
    subscription.unsubscribe();
    gate.open();
    await until(() => !isOpen(ino), 5_000);
  });

  it('a moved FileHandle stays open for the task or the caller that receives it', async () => {
    const { file, closed } = await openNew();
    expect(await executor.submit(read, transfer(file))).toBe('text');
    await closed();
    using gate = new Gate();
    gate.open();
    const result = (await executor.tasks.openAtGate(newFile(), gate.cells)) as FileHandle;
    expect(await read(result)).toBe('text');
  });
});
