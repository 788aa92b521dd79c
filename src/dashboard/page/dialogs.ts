/** The dialogs: the list of keys, the token, and the question before something is lost. */
import { h } from './dom.js';

const KEYS: readonly (readonly [string, string])[] = [
  ['Space', 'Freeze the view, or follow the present again'],
  ['+  −', 'Zoom the task stream (also Shift + wheel)'],
  ['←  →', 'Move the task stream (also drag)'],
  ['0', 'Back to the last 10 seconds'],
  ['P', 'Pause or resume the executor (needs the token)'],
  ['K', 'Enter the token'],
  ['T', 'Theme: automatic, light, dark'],
  ['1 … 9', 'Show another executor'],
  ['?', 'This list'],
];

export class Dialogs {
  readonly #help = dialog(
    'Keys',
    h(
      'dl',
      { class: 'keys' },
      ...KEYS.flatMap(([key, text]) => [
        h('dt', {}, ...key.split('  ').map((k) => h('kbd', {}, k))),
        h('dd', {}, text),
      ]),
    ),
  );
  readonly #input = h('input', {
    type: 'password',
    id: 'token',
    autocomplete: 'off',
    spellcheck: 'false',
    required: true,
  });
  readonly #token: HTMLDialogElement;
  readonly #question = h('p');
  readonly #confirm: HTMLDialogElement;
  #confirmed: (() => void) | undefined;

  constructor(onToken: (token: string) => void) {
    const submit = (event: SubmitEvent) => {
      event.preventDefault();
      this.#token.close();
      onToken(this.#input.value.trim());
      this.#input.value = '';
    };
    this.#token = dialog(
      'Token',
      h(
        'form',
        { submit },
        h(
          'p',
          {},
          'The buttons change the running program, so they need the token that serveDashboard() has returned.',
        ),
        h('label', { for: 'token' }, 'Token'),
        this.#input,
        h('div', { class: 'buttons' }, h('button', { type: 'submit', class: 'primary' }, 'Use this token')),
      ),
    );
    const confirm = () => {
      this.#confirm.close();
      this.#confirmed?.();
    };
    this.#confirm = dialog(
      'Are you sure?',
      this.#question,
      h(
        'div',
        { class: 'buttons' },
        h('button', { type: 'button', click: () => this.#confirm.close() }, 'Keep it'),
        h('button', { type: 'button', class: 'danger', click: confirm }, 'Terminate'),
      ),
    );
    document.body.append(this.#help, this.#token, this.#confirm);
  }

  get isOpen(): boolean {
    return this.#help.open || this.#token.open || this.#confirm.open;
  }

  showHelp(): void {
    this.#help.showModal();
  }

  askToken(): void {
    this.#token.showModal();
    this.#input.focus();
  }

  ask(question: string, confirmed: () => void): void {
    this.#question.textContent = question;
    this.#confirmed = confirmed;
    this.#confirm.showModal();
  }
}

function dialog(title: string, ...children: HTMLElement[]): HTMLDialogElement {
  const close = () => element.close();
  const head = h(
    'header',
    {},
    h('h2', {}, title),
    h('button', { type: 'button', class: 'plain', 'aria-label': 'Close', click: close }, '✕'),
  );
  const element = h('dialog', { 'aria-label': title }, head, ...children);
  return element;
}
