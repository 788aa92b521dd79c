/** The head of the page: the executors, their state, and the buttons for the whole page. */
import { h, icon, setAttribute, setText } from './dom.js';
import { enable } from './live-tables.js';
import { currentTheme, nextTheme } from './theme.js';

const SUN =
  'M8 1v2M8 13v2M1 8h2M13 8h2M3 3l1.5 1.5M11.5 11.5L13 13M13 3l-1.5 1.5M4.5 11.5L3 13M8 5a3 3 0 100 6 3 3 0 000-6z';

export interface HeaderListener {
  select(source: number): void;
  togglePause(): void;
  freeze(): void;
  askToken(): void;
  help(): void;
}

export class Header {
  readonly #tabs = h('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Executors' });
  readonly #state = h('span', { class: 'pill' });
  readonly #pause: HTMLButtonElement;
  readonly #freeze: HTMLButtonElement;
  readonly #token: HTMLButtonElement;
  readonly #theme: HTMLButtonElement;
  readonly #problem = h('p', { class: 'problem', role: 'status', hidden: true });
  readonly element: HTMLElement;
  readonly #listener: HeaderListener;

  constructor(listener: HeaderListener) {
    this.#listener = listener;
    this.#pause = h('button', { type: 'button', click: () => listener.togglePause() }, 'Pause executor');
    this.#freeze = h('button', { type: 'button', click: () => listener.freeze() }, 'Freeze view');
    this.#token = h('button', { type: 'button', click: () => listener.askToken() });
    this.#theme = h('button', { type: 'button', class: 'plain', click: () => this.changeTheme() }, icon(SUN));
    const help = h(
      'button',
      { type: 'button', class: 'plain', 'aria-label': 'Keys', title: 'Keys (?)', click: () => listener.help() },
      '?',
    );
    const brand = h('img', { src: '/icon.svg', alt: '', width: 22, height: 22 });
    this.element = h(
      'header',
      { class: 'top' },
      h('h1', {}, brand, 'rx-futures'),
      this.#tabs,
      this.#state,
      h('div', { class: 'buttons' }, this.#pause, this.#freeze, this.#token, this.#theme, help),
      this.#problem,
    );
    this.#showTheme();
  }

  showSources(names: readonly string[], selected: number): void {
    if (this.#tabs.childElementCount !== names.length || this.#tabs.textContent !== names.join(''))
      this.#tabs.replaceChildren(...names.map((name, i) => this.#tab(name, i)));
    for (const [i, tab] of [...this.#tabs.children].entries()) {
      setAttribute(tab, 'aria-selected', String(i === selected));
      setAttribute(tab, 'tabindex', i === selected ? 0 : -1);
    }
  }

  #tab(name: string, source: number): HTMLElement {
    const select = (to: number) => {
      this.#listener.select(to);
      (this.#tabs.children[to] as HTMLElement).focus();
    };
    const keydown = ({ key }: KeyboardEvent) => {
      const count = this.#tabs.childElementCount;
      if (key === 'ArrowRight') select((source + 1) % count);
      if (key === 'ArrowLeft') select((source + count - 1) % count);
    };
    return h('button', { type: 'button', role: 'tab', click: () => select(source), keydown }, name);
  }

  showState(state: string, isPaused: boolean, pauseRefusal: string | undefined): void {
    setText(this.#state, isPaused ? 'paused' : state);
    this.#state.dataset['kind'] = isPaused ? 'trouble' : state;
    setText(this.#pause, isPaused ? 'Resume executor' : 'Pause executor');
    enable(this.#pause, pauseRefusal, isPaused ? 'Lets tasks start again (P)' : 'Lets no further task start (P)');
  }

  showFrozen(isFrozen: boolean): void {
    setText(this.#freeze, isFrozen ? 'Follow' : 'Freeze view');
    setAttribute(this.#freeze, 'aria-pressed', String(isFrozen));
    this.#freeze.title = isFrozen ? 'Follows the present again (Space)' : 'Freezes what is on the screen (Space)';
  }

  showToken(hasToken: boolean): void {
    setText(this.#token, hasToken ? 'Control' : 'View only');
    this.#token.title = hasToken
      ? 'The buttons may change the program. Enter another token (K)'
      : 'Enter the token to use the buttons (K)';
    setAttribute(this.#token, 'data-on', hasToken);
  }

  showProblem(problem: string | undefined): void {
    this.#problem.hidden = problem === undefined;
    setText(this.#problem, problem ?? '');
  }

  changeTheme(): void {
    nextTheme();
    this.#showTheme();
  }

  #showTheme(): void {
    const label = `Theme: ${currentTheme() === 'auto' ? 'automatic' : currentTheme()} (T)`;
    this.#theme.setAttribute('aria-label', label);
    this.#theme.title = label;
  }
}
