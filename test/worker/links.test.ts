/** The ends of links on one worker: values of its streams leave, those for its inputs arrive. */
import { describe, expect, it } from 'vitest';
import type { FromWorker } from '../../src/protocol/messages.js';
import type { LinkMessage } from '../../src/protocol/stream/messages.js';
import type { Host, LinkListener } from '../../src/worker/host.js';
import type { LinkCredit } from '../../src/worker/inputs.js';
import { Links } from '../../src/worker/links.js';

/** Links whose other ends the test plays. A port is the name of a link here. */
function newLinks() {
  const posted: FromWorker[] = [];
  const log: string[] = [];
  const listeners = new Map<unknown, LinkListener>();
  const host = {
    post: (message: FromWorker) => posted.push(message),
    openLink: (port: unknown, listener: LinkListener) => {
      listeners.set(port, listener);
      return {
        post: (message: LinkMessage) => log.push(`${port}: ${JSON.stringify(message)}`),
        drain: () => log.push(`${port}: drain`),
      };
    },
  } as unknown as Host;
  const flowed = (message: LinkMessage, credit: LinkCredit) => {
    log.push(`input: ${JSON.stringify(message)}`);
    credit(9, 4);
  };
  return { links: new Links(host, { flowed } as never), posted, log, listeners };
}

const noCredit = { addCredit: () => {} };

describe('the links of a worker', () => {
  it('a stream with a definition sends its values through its link, and reports to the main thread once that they flow', () => {
    const { links, posted, log } = newLinks();
    links.open(5, true, 'port');
    links.arrived([7, 5, 3]);
    const output = links.start(7, noCredit)!;
    output.send(['a'], 9, undefined, undefined);
    output.send(['b'], 9, undefined, undefined);
    output.end();
    expect(log).toEqual([
      'port: {"type":"values","input":3,"output":1,"values":["a"],"bytes":9}',
      'port: {"type":"values","input":3,"output":1,"values":["b"],"bytes":9}',
      'port: {"type":"end","input":3}',
    ]);
    expect(posted).toEqual([{ type: 'flows', slot: 7 }]);
  });

  it('the main thread is informed before the first value leaves, so that a lost stream never runs again', () => {
    const { links, posted, log } = newLinks();
    links.open(5, true, 'port');
    links.arrived([7, 5, 3]);
    log.push = () => expect(posted).toEqual([{ type: 'flows', slot: 7 }]) as never;
    links.start(7, noCredit)!.send(['a'], 9, undefined, undefined);
    expect.assertions(1);
  });

  it('a message without values, which only says that the stream waits, does not pass through a link', () => {
    const { links, posted, log } = newLinks();
    links.open(5, true, 'port');
    links.arrived([7, 5, 3]);
    links.start(7, noCredit)!.send([], 0, 2, undefined);
    expect([log, posted]).toEqual([[], []]);
  });

  it('a stream without a definition has no output, and neither has the next job in a slot that has ended', () => {
    const { links } = newLinks();
    expect(links.start(7, noCredit)).toBeUndefined();
    links.arrived([7, 5, 3, 8, 5, 4]);
    expect(links.isActive).toBe(true);
    links.ended(7);
    links.ended(8);
    expect([links.start(7, noCredit), links.isActive]).toEqual([undefined, false]);
  });

  it('credit reaches the stream with its number, until the stream is over', () => {
    const { links, listeners } = newLinks();
    const credits: string[] = [];
    links.open(5, true, 'port');
    links.arrived([7, 5, 3, 8, 5, 4]);
    const one = links.start(7, { addCredit: (count) => credits.push(`one ${count}`) })!;
    links.start(8, { addCredit: (count) => credits.push(`two ${count}`) });
    const { receive } = listeners.get('port')!;
    receive({ type: 'credit', output: 1, count: 2 });
    receive({ type: 'credit', output: 2, count: 3 });
    one.close();
    receive({ type: 'credit', output: 1, count: 4 });
    expect(credits).toEqual(['one 2', 'two 3']);
    expect(links.isActive).toBe(true);
  });

  it('values that arrive reach the inputs, whose credit returns through the same link', () => {
    const { links, log, listeners } = newLinks();
    links.open(5, false, 'one');
    links.open(6, false, 'other');
    listeners.get('other')!.receive({ type: 'values', input: 3, output: 9, values: ['a'], bytes: 9 });
    expect(log).toEqual([
      'input: {"type":"values","input":3,"output":9,"values":["a"],"bytes":9}',
      'other: {"type":"credit","output":9,"count":4}',
    ]);
  });

  it('a failure of a source first drains the links to the readers, and no link that was closed', () => {
    const { links, log, listeners } = newLinks();
    links.open(5, false, 'one');
    links.open(6, false, 'closed');
    links.open(7, true, 'source');
    listeners.get('closed')!.closed();
    links.drain();
    expect(log).toEqual(['one: drain']);
  });

  it('a stream whose link was closed by the end of its reader drops its values', () => {
    const { links, log, listeners } = newLinks();
    links.open(5, true, 'port');
    links.arrived([7, 5, 3]);
    const output = links.start(7, noCredit)!;
    listeners.get('port')!.closed();
    output.send(['a'], 9, undefined, undefined);
    output.end();
    expect(log).toEqual([]);
  });
});
