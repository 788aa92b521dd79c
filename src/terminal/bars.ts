/**
 * Progress bars on a terminal. cli-progress keeps the list of bars, starts each frame and formats
 * it. `Screen` writes the frames to the terminal.
 */
import { createRequire } from 'node:module';
import { stripVTControlCharacters } from 'node:util';
import type { MultiBar, Options } from 'cli-progress';
import type { Open, Shown } from './display.js';
import { Screen, type Terminal } from './screen.js';
import { type DrawBar, type Ending, LONGEST_BAR } from './text.js';

/**
 * Returns a function that adds a line to the terminal.
 *
 * @param where the call, as the error message shows it
 * @throws Error if cli-progress is not installed
 */
export function barsOn(stream: Terminal, clear: boolean, where: string): Open {
  const bars = Bars.of(stream, where);
  return (shown) => bars.add(shown, clear);
}

class Bars {
  static readonly #ofTerminals = new WeakMap<Terminal, Bars>();

  readonly #screen: Screen;
  readonly #bars: MultiBar;
  readonly #drawBar: DrawBar;
  #size = 0;
  /** Text that cli-progress has written since the current frame started. */
  #frame = '';

  static of(stream: Terminal, where: string): Bars {
    const streams = streamsBeside(stream);
    const bars = Bars.#ofTerminals.get(streams[0]!) ?? new Bars(streams, where);
    Bars.#ofTerminals.set(streams[0]!, bars);
    return bars;
  }

  private constructor(streams: readonly Terminal[], where: string) {
    const { MultiBar, Presets, Format } = loadCliProgress(where);
    const { barCompleteChar, barIncompleteChar } = Presets.shades_classic;
    const strings: Options = {
      barCompleteString: barCompleteChar.repeat(LONGEST_BAR),
      barIncompleteString: barIncompleteChar.repeat(LONGEST_BAR),
      barGlue: '',
    };
    this.#drawBar = (fraction, size) => Format.BarFormat(fraction, { ...strings, barsize: size });
    this.#screen = new Screen(streams);
    this.#bars = new MultiBar({
      stream: this.#frameStream(),
      format: (_options, _params, shown: Shown) => this.#line(shown),
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
      // A bar must not keep the process alive. cli-progress has no option for that, so its private
      // timer is unreferenced.
      .on('update-post', () => (this.#bars as { timer?: NodeJS.Timeout }).timer?.unref());
  }

  add(shown: Shown, clear: boolean): (ending: Ending) => void {
    this.#size++;
    const bar = this.#bars.create(0, 0, shown);
    this.#bars.update();
    return (ending) => {
      const lastLine = this.#line(shown, ending);
      this.#size--;
      this.#bars.remove(bar);
      if (!clear) this.#screen.print(lastLine);
      if (this.#size === 0) this.#bars.stop();
    };
  }

  #line(shown: Shown, ending?: Ending): string {
    // One column stays free, because terminals differ in when they wrap a line that ends at the
    // edge.
    return shown.line(this.#screen.columns - 1, this.#drawBar, ending);
  }

  /**
   * Returns the stream that cli-progress writes to. It claims to be a terminal, because
   * cli-progress moves its cursor. `Screen` moves the cursor of the real terminal.
   */
  #frameStream(): NodeJS.WritableStream {
    const screen = this.#screen;
    const frameStream = {
      isTTY: true,
      get columns() {
        return screen.columns;
      },
      write: (text: string) => {
        this.#frame += text;
        return true;
      },
    };
    return frameStream as unknown as NodeJS.WritableStream;
  }
}

/** Returns the streams that write to the same terminal, including `stream` itself. */
function streamsBeside(stream: Terminal): readonly Terminal[] {
  const standard = [process.stderr, process.stdout].filter(({ isTTY }) => isTTY);
  return (standard as Terminal[]).includes(stream) ? standard : [stream];
}

function loadCliProgress(where: string): typeof import('cli-progress') {
  try {
    return createRequire(import.meta.url)('cli-progress');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw cause;
    throw new Error(
      `${where}: a bar on a terminal needs the package "cli-progress", which is not installed. Run: npm install cli-progress`,
      { cause },
    );
  }
}
