/** Checks a trace against the rules of the Trace Event Format that viewers rely on. */
import type { TraceEvent } from '../../src/trace/trace-event.js';

const key = ({ pid, tid }: TraceEvent) => `${pid}/${tid}`;

/** Returns one line for each event that breaks a rule. */
export function faultsIn(events: readonly TraceEvent[]): string[] {
  const faults: string[] = [];
  const fault = (event: TraceEvent, text: string) => faults.push(`${text}: ${JSON.stringify(event)}`);
  const threads = new Set(events.filter(({ ph, name }) => ph === 'M' && name === 'thread_name').map(key));
  const processes = new Set(
    events.filter(({ ph, name }) => ph === 'M' && name === 'process_name').map(({ pid }) => pid),
  );
  for (const event of events) {
    if (!Number.isInteger(event.pid) || !Number.isInteger(event.tid)) fault(event, 'pid and tid are integers');
    if (!Number.isFinite(event.ts) || event.ts < 0) fault(event, 'ts is a time');
    if (!processes.has(event.pid)) fault(event, 'the process has a name');
    if (event.name !== 'process_name' && !threads.has(key(event))) fault(event, 'the thread has a name');
    if (event.ph === 'M' && event.args === undefined) fault(event, 'metadata has args');
    if ((event.ph === 'X') !== (event.dur !== undefined)) fault(event, 'slices, and only they, have a duration');
    if (event.ph === 'X' && !(event.dur! > 0)) fault(event, 'a slice has a length');
    if ('stfbe'.includes(event.ph) !== (event.id !== undefined))
      fault(event, 'waits and flows, and only they, have an id');
    if (event.ph === 'i' && event.s !== 't') fault(event, 'a moment has a scope');
  }
  checkNesting(events, fault);
  checkPairs(events, fault);
  checkFlows(events, fault);
  return faults;
}

type Fault = (event: TraceEvent, text: string) => void;

function checkNesting(events: readonly TraceEvent[], fault: Fault): void {
  const ends = new Map<string, number>();
  for (const event of events.filter(({ ph }) => ph === 'X').sort((a, b) => a.ts - b.ts)) {
    if (event.ts < (ends.get(key(event)) ?? 0) - 1e-6) fault(event, 'slices of a thread do not overlap');
    ends.set(key(event), event.ts + event.dur!);
  }
}

function checkPairs(events: readonly TraceEvent[], fault: Fault): void {
  const open = new Map<unknown, TraceEvent>();
  for (const event of events) {
    if (event.ph === 'b') {
      if (open.has(event.id)) fault(event, 'an id is open once');
      open.set(event.id, event);
    } else if (event.ph === 'e') {
      const begin = open.get(event.id);
      if (begin === undefined) fault(event, 'an end has a beginning');
      else if (begin.cat !== event.cat || begin.name !== event.name || begin.ts > event.ts)
        fault(event, 'both ends have a category and a name, in order');
      open.delete(event.id);
    }
  }
  for (const event of open.values()) fault(event, 'a beginning has an end');
}

function checkFlows(events: readonly TraceEvent[], fault: Fault): void {
  const slices = events.filter(({ ph }) => ph === 'X');
  const flows = new Map<unknown, TraceEvent[]>();
  for (const event of events)
    if ('stf'.includes(event.ph)) flows.set(event.id, [...(flows.get(event.id) ?? []), event]);
  for (const flow of flows.values()) {
    const kinds = flow.map(({ ph }) => ph).join('');
    if (!/^st*f$/.test(kinds)) fault(flow[0]!, `a flow has one start and one end, not ${kinds}`);
    for (const [i, event] of flow.entries()) {
      if (i > 0 && event.ts < flow[i - 1]!.ts) fault(event, 'the events of a flow are in order');
      const binds = (slice: TraceEvent) =>
        key(slice) === key(event) && slice.ts <= event.ts && event.ts < slice.ts + slice.dur!;
      const slice = slices.find(binds);
      if (slice === undefined) fault(event, 'a flow binds to a slice');
      else if (events.indexOf(slice) > events.indexOf(event)) fault(event, 'the slice is before its flow');
      // The DevTools bind a flow only to a slice with the same category and time.
      else if (slice.ts !== event.ts || slice.cat !== event.cat) fault(event, 'a flow is at the start of its slice');
      if (event.ph === 'f' && event.bp !== 'e') fault(event, 'a flow ends at the slice that encloses it');
    }
  }
}
