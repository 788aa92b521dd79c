/** The parser of the panel "Performance" of Chrome's DevTools, which reads trace files. */
import type { TraceEvent } from '../../src/trace/trace-event.js';

/** The slices and arrows that the panel would draw. */
export interface Drawn {
  /** Names of the slices of each thread, by the name of the thread. */
  readonly threads: Readonly<Record<string, readonly string[]>>;
  /** Names of the slices that each chain of arrows joins. */
  readonly flows: readonly (readonly string[])[];
}

/** A part of the parser's types, which need the types of a browser. */
interface Engine {
  readonly TraceModel: { readonly Model: { createWithAllHandlers(): Model } };
}

interface Model {
  parse(events: readonly TraceEvent[]): Promise<void>;
  parsedTrace(): { readonly data: Data };
}

interface Named {
  readonly name: string;
}

interface Data {
  readonly Renderer: {
    readonly processes: ReadonlyMap<
      number,
      { readonly threads: ReadonlyMap<number, Named & { readonly entries: readonly Named[] }> }
    >;
  };
  readonly Flows: { readonly flows: readonly (readonly Named[])[] };
}

/** @throws Error (as a rejection) if the parser can't read the events */
export async function drawnOf(events: readonly TraceEvent[]): Promise<Drawn> {
  // The parser uses rectangles of a browser for layouts, of which these traces have none.
  Object.assign(globalThis, { DOMRect: class {} });
  // A name in a variable, so that TypeScript does not check the sources of the parser.
  const name = '@paulirish/trace_engine';
  const { TraceModel } = (await import(name)) as Engine;
  const model = TraceModel.Model.createWithAllHandlers();
  await model.parse(events);
  const { Renderer, Flows } = model.parsedTrace().data;
  const threads = [...Renderer.processes.values()].flatMap((each) => [...each.threads.values()]);
  return {
    threads: Object.fromEntries(threads.map((thread) => [thread.name, thread.entries.map((entry) => entry.name)])),
    flows: Flows.flows.map((flow) => flow.map((entry) => entry.name)),
  };
}
