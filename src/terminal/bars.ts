/** Bars on a terminal. cli-progress keeps the stack of them, gives the beat and draws; `Screen` puts the frames on the terminal. */
import { createRequire } from 'node:module';
import { stripVTControlCharacters } from 'node:util';
import type { MultiBar, Options } from 'cli-progress';
import type { ProgressCounter, Standing } from '../progress/counter.js';
import type { Open } from './display.js';
import { Screen, type Terminal } from './screen.js';
import { type DrawBar, type Ending, LONGEST_BAR, tellWithBar } from './text.js';

interface Run {
  readonly label: string;
  readonly counter: ProgressCounter;
}

/** @throws Error when cli-progress is not installed */
export function barsOn(stream: Terminal, { label, clear }: { label: string; clear: boolean }): Open {
  const bars = Bars.of(stream);
  return (counter) => bars.add({ label, counter }, clear);
}

class Bars {
  static readonly #ofTerminals = new WeakMap<Terminal, Bars>();

  readonly #screen: Screen;
  readonly #bars: MultiBar;
  readonly #drawBar: DrawBar;
  #size = 0;
  /** What cli-progress has written since the frame began. */
  #frame = '';

  static of(stream: Terminal): Bars {
    const streams = streamsBeside(stream);
    const bars = Bars.#ofTerminals.get(streams[0]!) ?? new Bars(streams);
    Bars.#ofTerminals.set(streams[0]!, bars);
    return bars;
  }

  private constructor(streams: readonly Terminal[]) {
    const { MultiBar, Presets, Format } = loadCliProgress();
    const { barCompleteChar, barIncompleteChar } = Presets.shades_classic;
    const strings: Options = {
      barCompleteString: barCompleteChar.repeat(LONGEST_BAR),
      barIncompleteString: barIncompleteChar.repeat(LONGEST_BAR),
      barGlue: '',
    };
    this.#drawBar = (fraction, size) => Format.BarFormat(fraction, { ...strings, barsize: size });
    this.#screen = new Screen(streams);
    this.#bars = new MultiBar({
      stream: this.#paper(),
      format: (_options, _params, run: Run) => this.#line(run, run.counter.standing()),
      forceRedraw: true,
      linewrap: true,
    });
    this.#bars
      .on('redraw-pre', () => {
        this.#frame = '';
      })
      .on('redraw-post', () => {
        this.#screen.draw(this.#size === 0 ? [] : stripVTControlCharacters(this.#frame).split('\n'));
      })
      // A bar shows that a program works; it must not be why it goes on. cli-progress has no other way to say so.
      .on('update-post', () => (this.#bars as { timer?: NodeJS.Timeout }).timer?.unref());
  }

  add(run: Run, clear: boolean): (ending: Ending) => void {
    this.#size++;
    const bar = this.#bars.create(0, 0, run);
    this.#bars.update();
    return (ending) => {
      const lastLine = this.#line(run, run.counter.standing(), ending);
      this.#size--;
      this.#bars.remove(bar);
      if (!clear) this.#screen.print(lastLine);
      if (this.#size === 0) this.#bars.stop();
    };
  }

  #line({ label }: Run, standing: Standing, ending?: Ending): string {
    // One column stays free: at the edge, terminals differ in when they wrap.
    return tellWithBar({ label, standing, ending }, this.#screen.columns - 1, this.#drawBar);
  }

  /** The stream that cli-progress writes to. It wants a terminal, and moves its cursor: the screen moves the real one. */
  #paper(): NodeJS.WritableStream {
    const screen = this.#screen;
    const paper = {
      isTTY: true,
      get columns() {
        return screen.columns;
      },
      write: (text: string) => {
        this.#frame += text;
        return true;
      },
    };
    return paper as unknown as NodeJS.WritableStream;
  }
}

/** The streams that lead to the same terminal, itself among them. */
function streamsBeside(stream: Terminal): readonly Terminal[] {
  const standard = [process.stderr, process.stdout].filter(({ isTTY }) => isTTY);
  return (standard as Terminal[]).includes(stream) ? standard : [stream];
}

function loadCliProgress(): typeof import('cli-progress') {
  try {
    return createRequire(import.meta.url)('cli-progress');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw cause;
    throw new Error(
      'progressBar(): on a terminal, cli-progress draws the bar, and it is not installed: npm install cli-progress',
      { cause },
    );
  }
}
