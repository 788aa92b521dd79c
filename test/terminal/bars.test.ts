/** What a person sees on a terminal. Time is virtual: frames come every 100 ms of it. */
import { asCompleted, Deferred, Future, type Outcome, progress } from 'rx-futures';
import { type ProgressBarOptions, progressBar } from 'rx-futures/terminal';
import { of, Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { collect } from '../support/collect.js';
import { cancelledFuture, failure } from '../support/ended.js';
import { FakeTerminal } from '../support/fake-terminal.js';
import { useRealTime, useVirtualTime } from '../support/virtual-time.js';

const ok = Future.resolve('ok').outcome!;
const lost = Future.reject<string>(failure).outcome!;
const gone = cancelledFuture().outcome! as Outcome<string>;

/** A bar over outcomes that the test sends. */
function open(terminal: FakeTerminal, options: ProgressBarOptions = {}) {
  const outcomes = new Subject<Outcome<string>>();
  const seen: string[] = [];
  const subscription = outcomes.pipe(progressBar({ stream: terminal, ...options })).subscribe({
    next: ({ status }) => seen.push(status),
    error: (error) => seen.push(String(error)),
    complete: () => seen.push('complete'),
  });
  return { outcomes, seen, subscription };
}

const frame = () => vi.advanceTimersByTime(100);

beforeEach(() => {
  useVirtualTime();
});
afterEach(() => {
  useRealTime();
});

describe('a bar', () => {
  it('shows how far it is from the start on, with rate, ETA and failures', () => {
    const terminal = new FakeTerminal({ columns: 80 });
    const { outcomes } = open(terminal, { total: 4, label: 'pages' });
    expect(terminal.screen).toEqual(['pages  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░    0%  0/4', '']);
    vi.advanceTimersByTime(2_000);
    outcomes.next(ok);
    frame();
    expect(terminal.screen).toEqual(['pages  ████████░░░░░░░░░░░░░░░░░░░░░░   25%  1/4  30/min  eta 6 s', '']);
    vi.advanceTimersByTime(1_900);
    outcomes.next(lost);
    frame();
    expect(terminal.screen).toEqual(['pages  ███████████████░░░░░░░░░░░░░░░   50%  2/4  ✗ 1  30/min  eta 4 s', '']);
    outcomes.complete();
  });

  it('leaves a last line when it completes, before its subscriber is told', () => {
    const terminal = new FakeTerminal();
    const outcomes = new Subject<Outcome<string>>();
    outcomes
      .pipe(progressBar({ stream: terminal, total: 2 }))
      .subscribe({ complete: () => terminal.write('the end\n') });
    outcomes.next(lost);
    outcomes.next(gone);
    vi.advanceTimersByTime(3_200);
    outcomes.complete();
    expect(terminal.screen).toEqual(['████████████████████  100%  2/2  ✗ 1  1 cancelled  in 3.2 s', 'the end', '']);
  });

  it('hands on what comes in, an error too, and then says where it stopped', () => {
    const terminal = new FakeTerminal({ columns: 80 });
    const { outcomes, seen } = open(terminal, { total: 3 });
    outcomes.next(ok);
    outcomes.next(lost);
    vi.advanceTimersByTime(1_000);
    outcomes.error(failure);
    expect(seen).toEqual(['fulfilled', 'rejected', 'Error: lost']);
    expect(terminal.screen).toEqual(['████████████████████░░░░░░░░░░   66%  2/3  ✗ 1  stopped after 1 s', '']);
  });

  it('ends when its subscriber leaves, and leaves the source', () => {
    const terminal = new FakeTerminal({ columns: 80 });
    const { outcomes, subscription } = open(terminal, { total: 3 });
    vi.advanceTimersByTime(2_000);
    outcomes.next(ok);
    subscription.unsubscribe();
    expect(outcomes.observed).toBe(false);
    expect(terminal.screen).toEqual(['██████████░░░░░░░░░░░░░░░░░░░░   33%  1/3  stopped after 2 s', '']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('removes itself at the end with the clear option', () => {
    const terminal = new FakeTerminal();
    const { outcomes } = open(terminal, { total: 1, clear: true });
    terminal.write('a line\n');
    outcomes.next(ok);
    outcomes.complete();
    expect(terminal.screen).toEqual(['a line', '']);
    expect(terminal.cursor).toEqual({ row: 1, column: 0 });
  });

  it('is a count where nobody knows the total', () => {
    const terminal = new FakeTerminal();
    const { outcomes } = open(terminal, { label: 'pages' });
    vi.advanceTimersByTime(1_000);
    outcomes.next(ok);
    frame();
    expect(terminal.screen).toEqual(['pages  1 done  1/s  1.1 s', '']);
    outcomes.complete();
    expect(terminal.screen).toEqual(['pages  1 done  in 1.1 s', '']);
  });

  it('knows the total from asCompleted', () => {
    const terminal = new FakeTerminal();
    const deferred = new Deferred<string>();
    const source = asCompleted([deferred.future, ok.future]).pipe(progressBar({ stream: terminal }));
    const subscription = source.subscribe();
    frame();
    expect(terminal.screen[0]).toContain('50%  1/2');
    subscription.unsubscribe();
  });

  it('begins anew for each subscriber', () => {
    const terminal = new FakeTerminal();
    const source = of(ok).pipe(progressBar({ stream: terminal, label: 'a', total: 1 }));
    expect([collect(source), collect(source)].map((seen) => seen.length)).toEqual([2, 2]);
    expect(terminal.screen.filter((line) => line.startsWith('a  ███'))).toHaveLength(2);
  });

  it('is no wider than its terminal, whatever its label: the bar goes first, then the end of the line', () => {
    const terminal = new FakeTerminal({ columns: 20 });
    const { outcomes, subscription } = open(terminal, { total: 100, label: '日本語\n😀' });
    expect(terminal.screen).toEqual(['日本語 😀    0%', '']);
    terminal.columns = 30;
    outcomes.next(ok);
    frame();
    expect(terminal.screen).toEqual(['日本語 😀    1%    1/100', '']);
    subscription.unsubscribe();
  });

  it('writes nothing while nothing changes', () => {
    const terminal = new FakeTerminal();
    const { subscription } = open(terminal, { total: 3 });
    const write = vi.spyOn(terminal, 'write');
    vi.advanceTimersByTime(60_000);
    expect(write).not.toHaveBeenCalled();
    write.mockRestore();
    subscription.unsubscribe();
  });

  it('works on an outcome stream that goes on', () => {
    const terminal = new FakeTerminal();
    const outcomes = new Subject<Outcome<string>>();
    const seen = collect(outcomes.pipe(progressBar({ stream: terminal }), progress({ total: 1 })));
    outcomes.next(ok);
    outcomes.complete();
    expect(seen).toHaveLength(2);
  });
});

describe('several bars on one terminal', () => {
  it('stand below each other, and one that ends moves above those that go on', () => {
    const terminal = new FakeTerminal();
    const [a, b] = ['a', 'b'].map((label) => open(terminal, { label, total: 2 }));
    const texts = () => terminal.screen.map((line) => line.replace(/[█░]+ +/, ''));
    frame();
    a!.outcomes.next(ok);
    frame();
    expect(texts()).toEqual(['a  50%  1/2  10/s  eta 1 s', 'b  0%  0/2', '']);
    b!.outcomes.next(ok);
    b!.outcomes.next(ok);
    b!.outcomes.complete();
    expect(texts()).toEqual(['b  100%  2/2  in 200 ms', 'a  50%  1/2  10/s  eta 1 s', '']);
    a!.subscription.unsubscribe();
    expect(texts()).toEqual(['b  100%  2/2  in 200 ms', 'a  50%  1/2  stopped after 200 ms', '']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('may come one after the other', () => {
    const terminal = new FakeTerminal();
    for (const label of ['a', 'b', 'c']) {
      const { outcomes } = open(terminal, { label });
      outcomes.next(ok);
      outcomes.complete();
    }
    expect(terminal.screen).toEqual(['a  1 done  in 0 ms', 'b  1 done  in 0 ms', 'c  1 done  in 0 ms', '']);
  });

  it('are shown as far as there are rows for them', () => {
    const terminal = new FakeTerminal({ rows: 4 });
    const bars = ['a', 'b', 'c', 'd', 'e'].map((label) => open(terminal, { label }));
    frame();
    expect(terminal.screen.map((line) => line[0])).toEqual(['a', 'b', 'c', undefined]);
    bars[1]!.subscription.unsubscribe();
    expect(terminal.screen.map((line) => line[0])).toEqual(['b', 'a', 'c', 'd', undefined]);
    for (const { subscription } of bars) subscription.unsubscribe();
    expect(terminal.screen.map((line) => line[0])).toEqual(['b', 'a', 'c', 'd', 'e', undefined]);
  });
});

describe('what else is written to the terminal', () => {
  it('scrolls by above the bar', () => {
    const terminal = new FakeTerminal();
    const { subscription } = open(terminal, { label: 'a' });
    terminal.write('one\ntwo\n');
    terminal.write(Buffer.from('three\n'));
    expect(terminal.screen.slice(0, 3)).toEqual(['one', 'two', 'three']);
    expect(terminal.screen[3]).toMatch(/^a {2}0 done/);
    subscription.unsubscribe();
  });

  it('hides the bar until its line is finished', () => {
    const terminal = new FakeTerminal();
    const { outcomes, subscription } = open(terminal, { label: 'a' });
    terminal.write('really? ');
    frame();
    outcomes.next(ok);
    expect(terminal.screen).toEqual(['really?']);
    terminal.write('yes\n');
    frame();
    expect(terminal.screen).toEqual(['really? yes', 'a  1 done  10/s  200 ms', '']);
    terminal.write('and this? ');
    subscription.unsubscribe();
    expect(terminal.screen).toEqual(['really? yes', 'and this?', 'a  1 done  stopped after 200 ms', '']);
  });

  it('may be what the user types: the bar is drawn over it', () => {
    const terminal = new FakeTerminal();
    const { outcomes, subscription } = open(terminal, { label: 'a' });
    terminal.show('^C');
    frame();
    outcomes.next(ok);
    frame();
    expect(terminal.screen).toEqual(['a  1 done  10/s  200 ms', '']);
    subscription.unsubscribe();
  });

  it('is told of as before: what write returns, and its callback', async () => {
    const terminal = new FakeTerminal();
    const { subscription } = open(terminal);
    const written = vi.fn();
    expect(terminal.write('text\n', 'utf8', written)).toBe(true);
    expect(terminal.write('')).toBe(true);
    subscription.unsubscribe();
    useRealTime();
    await vi.waitFor(() => expect(written).toHaveBeenCalledTimes(1));
  });

  it('goes straight to the stream again when no bar is left, also through one that was put on top meanwhile', () => {
    const terminal = new FakeTerminal();
    const write = terminal.write;
    open(terminal).subscription.unsubscribe();
    expect(terminal.write).toBe(write);
    expect(Object.hasOwn(terminal, 'write')).toBe(false);

    const { subscription } = open(terminal, { clear: true });
    const below = terminal.write.bind(terminal);
    const onTop = (chunk: string) => below(chunk.toUpperCase());
    terminal.write = onTop as typeof write;
    subscription.unsubscribe();
    expect(terminal.write).toBe(onTop);
    terminal.write('loud\n');
    expect(terminal.screen).toContain('LOUD');
  });
});

describe('the process', () => {
  it('has no more listeners afterwards than before, however many bars there were', () => {
    const names = ['exit', 'warning', 'SIGINT', 'SIGTERM'] as const;
    const counts = () => names.map((name) => process.listenerCount(name));
    const before = counts();
    const terminals = [new FakeTerminal(), new FakeTerminal()];
    const bars = Array.from({ length: 30 }, (_, i) => open(terminals[i % 2]!));
    expect(counts().map((count, i) => count - before[i]!)).toEqual([1, 2, 0, 0]);
    for (const { subscription } of bars) subscription.unsubscribe();
    expect(counts()).toEqual(before);
  });
});
