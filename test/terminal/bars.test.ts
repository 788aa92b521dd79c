/**
 * The screen that a person sees on a terminal. Time is virtual: a frame is drawn every 100 ms of
 * virtual time.
 */
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

/** Opens a bar for outcomes that the test emits. */
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
  it('a bar shows its progress from the start, with rate, ETA and failures', () => {
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

  it('a bar leaves a last line on completion, before its subscriber is notified', () => {
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

  it('a bar emits every outcome and the error unchanged, and then shows where it stopped', () => {
    const terminal = new FakeTerminal({ columns: 80 });
    const { outcomes, seen } = open(terminal, { total: 3 });
    outcomes.next(ok);
    outcomes.next(lost);
    vi.advanceTimersByTime(1_000);
    outcomes.error(failure);
    expect(seen).toEqual(['fulfilled', 'rejected', 'Error: lost']);
    expect(terminal.screen).toEqual(['████████████████████░░░░░░░░░░   66%  2/3  ✗ 1  stopped after 1 s', '']);
  });

  it('a bar ends when its subscriber leaves, and unsubscribes from the source', () => {
    const terminal = new FakeTerminal({ columns: 80 });
    const { outcomes, subscription } = open(terminal, { total: 3 });
    vi.advanceTimersByTime(2_000);
    outcomes.next(ok);
    subscription.unsubscribe();
    expect(outcomes.observed).toBe(false);
    expect(terminal.screen).toEqual(['██████████░░░░░░░░░░░░░░░░░░░░   33%  1/3  stopped after 2 s', '']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a bar with the clear option removes itself at the end', () => {
    const terminal = new FakeTerminal();
    const { outcomes } = open(terminal, { total: 1, clear: true });
    terminal.write('a line\n');
    outcomes.next(ok);
    outcomes.complete();
    expect(terminal.screen).toEqual(['a line', '']);
    expect(terminal.cursor).toEqual({ row: 1, column: 0 });
  });

  it('a bar shows a count if the total is not known', () => {
    const terminal = new FakeTerminal();
    const { outcomes } = open(terminal, { label: 'pages' });
    vi.advanceTimersByTime(1_000);
    outcomes.next(ok);
    frame();
    expect(terminal.screen).toEqual(['pages  1 done  1/s  1.1 s', '']);
    outcomes.complete();
    expect(terminal.screen).toEqual(['pages  1 done  in 1.1 s', '']);
  });

  it('a bar receives the total from asCompleted', () => {
    const terminal = new FakeTerminal();
    const deferred = new Deferred<string>();
    const source = asCompleted([deferred.future, ok.future]).pipe(progressBar({ stream: terminal }));
    const subscription = source.subscribe();
    frame();
    expect(terminal.screen[0]).toContain('50%  1/2');
    subscription.unsubscribe();
  });

  it('a bar starts again for each subscriber', () => {
    const terminal = new FakeTerminal();
    const source = of(ok).pipe(progressBar({ stream: terminal, label: 'a', total: 1 }));
    expect([collect(source), collect(source)].map((seen) => seen.length)).toEqual([2, 2]);
    expect(terminal.screen.filter((line) => line.startsWith('a  ███'))).toHaveLength(2);
  });

  it('a line is never wider than the terminal: first the bar is dropped, then the end of the line', () => {
    const terminal = new FakeTerminal({ columns: 20 });
    const { outcomes, subscription } = open(terminal, { total: 100, label: '日本語\n😀' });
    expect(terminal.screen).toEqual(['日本語 😀    0%', '']);
    terminal.columns = 30;
    outcomes.next(ok);
    frame();
    expect(terminal.screen).toEqual(['日本語 😀    1%    1/100', '']);
    subscription.unsubscribe();
  });

  it('nothing is written while nothing changes', () => {
    const terminal = new FakeTerminal();
    const { subscription } = open(terminal, { total: 3 });
    const write = vi.spyOn(terminal, 'write');
    vi.advanceTimersByTime(60_000);
    expect(write).not.toHaveBeenCalled();
    write.mockRestore();
    subscription.unsubscribe();
  });

  it('a bar works on an outcome stream that continues', () => {
    const terminal = new FakeTerminal();
    const outcomes = new Subject<Outcome<string>>();
    const seen = collect(outcomes.pipe(progressBar({ stream: terminal }), progress({ total: 1 })));
    outcomes.next(ok);
    outcomes.complete();
    expect(seen).toHaveLength(2);
  });
});

describe('the bars of groups', () => {
  const named = (name: string) => {
    const deferred = new Deferred<string>(name);
    deferred.resolve('ok');
    return deferred.future.outcome!;
  };
  const groupBy = ({ future }: Outcome<string>) => future.name;
  const texts = (terminal: FakeTerminal) => terminal.screen.map((line) => line.replace(/[█░]+ +/, ''));

  it('each group has a bar, from the start if its total is known and else from its first outcome', () => {
    const terminal = new FakeTerminal({ columns: 80 });
    const { outcomes, seen } = open(terminal, { label: 'crawl', groupBy, total: { page: 2, image: 4 } });
    expect(texts(terminal)).toEqual(['crawl  page  0%  0/2', 'crawl  image  0%  0/4', '']);
    vi.advanceTimersByTime(1_000);
    for (const name of ['image', 'page', 'style', 'image']) outcomes.next(named(name));
    frame();
    expect(texts(terminal).map((line) => line.replace(/ {2}[\d.]+\/(s|min) .*/, ''))).toEqual([
      'crawl  page  50%  1/2',
      'crawl  image  50%  2/4',
      'crawl  style  1 done  100 ms',
      '',
    ]);
    outcomes.next(named('page'));
    outcomes.complete();
    expect(texts(terminal)).toEqual([
      'crawl  page  100%  2/2  in 1.1 s',
      'crawl  image  50%  2/4  in 1.1 s',
      'crawl  style  1 done  in 100 ms',
      '',
    ]);
    expect(seen).toEqual([...Array(5).fill('fulfilled'), 'complete']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('the bars of groups stop with an error, if the subscriber leaves, and if groupBy throws', () => {
    const stopped = (act: (opened: ReturnType<typeof open>) => void, group = groupBy) => {
      const terminal = new FakeTerminal({ columns: 80 });
      const opened = open(terminal, { groupBy: group, total: { page: 2 } });
      act(opened);
      expect(texts(terminal)).toEqual(['page  0%  0/2  stopped after 0 ms', '']);
      return opened.seen;
    };
    expect(stopped(({ outcomes }) => outcomes.error(failure))).toEqual(['Error: lost']);
    expect(stopped(({ subscription }) => subscription.unsubscribe())).toEqual([]);
    const fails = () => {
      throw failure;
    };
    expect(stopped(({ outcomes }) => outcomes.next(ok), fails)).toEqual(['Error: lost']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('the name of a group stays on its line', () => {
    const terminal = new FakeTerminal();
    const { outcomes } = open(terminal, { groupBy: () => 'a\nb' });
    outcomes.next(ok);
    outcomes.complete();
    expect(terminal.screen).toEqual(['a b  1 done  in 0 ms', '']);
  });
});

describe('several bars on one terminal', () => {
  it('bars are drawn below each other, and a finished bar moves above the running ones', () => {
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

  it('bars can run one after the other', () => {
    const terminal = new FakeTerminal();
    for (const label of ['a', 'b', 'c']) {
      const { outcomes } = open(terminal, { label });
      outcomes.next(ok);
      outcomes.complete();
    }
    expect(terminal.screen).toEqual(['a  1 done  in 0 ms', 'b  1 done  in 0 ms', 'c  1 done  in 0 ms', '']);
  });

  it('only as many bars are drawn as the terminal has rows', () => {
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

describe('other output to the terminal', () => {
  it('other output scrolls above the bar', () => {
    const terminal = new FakeTerminal();
    const { subscription } = open(terminal, { label: 'a' });
    terminal.write('one\ntwo\n');
    terminal.write(Buffer.from('three\n'));
    expect(terminal.screen.slice(0, 3)).toEqual(['one', 'two', 'three']);
    expect(terminal.screen[3]).toMatch(/^a {2}0 done/);
    subscription.unsubscribe();
  });

  it('text without a line break hides the bar until the line is complete', () => {
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

  it('the bar is drawn over what the user types', () => {
    const terminal = new FakeTerminal();
    const { outcomes, subscription } = open(terminal, { label: 'a' });
    terminal.show('^C');
    frame();
    outcomes.next(ok);
    frame();
    expect(terminal.screen).toEqual(['a  1 done  10/s  200 ms', '']);
    subscription.unsubscribe();
  });

  it('a foreign write keeps its return value and its callback', async () => {
    const terminal = new FakeTerminal();
    const { subscription } = open(terminal);
    const written = vi.fn();
    expect(terminal.write('text\n', 'utf8', written)).toBe(true);
    expect(terminal.write('')).toBe(true);
    subscription.unsubscribe();
    useRealTime();
    await vi.waitFor(() => expect(written).toHaveBeenCalledTimes(1));
  });

  it('the original write is restored after the last bar, and a write function put on top meanwhile still works', () => {
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
  it('the process has the same number of listeners after any number of bars', () => {
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
