/** The frames of the parts of the page. */
import { h } from './dom.js';

/** Factor of one step of a zoom. */
export const ZOOM = 1.5;

export function card(
  title: string,
  children: readonly HTMLElement[],
  size: 'wide' | 'half',
  extra?: HTMLElement,
): HTMLElement {
  const head = h('header', {}, h('h2', {}, title), ...(extra === undefined ? [] : [extra]));
  return h('section', { class: `card ${size}`, 'aria-label': title }, head, ...children);
}

/** `parts` are names and their colours, in turns. */
export function legend(...parts: readonly string[]): HTMLElement {
  const items: HTMLElement[] = [];
  for (let i = 0; i < parts.length; i += 2)
    items.push(h('li', {}, h('i', { class: `swatch ${parts[i + 1]}` }), parts[i]!));
  return h('ul', { class: 'legend' }, ...items);
}

export function zoomButtons(zoom: (factor: number) => void): HTMLElement {
  const button = (text: string, title: string, key: string, factor: number) =>
    h(
      'button',
      { type: 'button', class: 'small', 'aria-label': title, title: `${title} (${key})`, click: () => zoom(factor) },
      text,
    );
  return h(
    'div',
    { class: 'buttons' },
    button('−', 'Show a longer time', '−', ZOOM),
    button('+', 'Show a shorter time', '+', 1 / ZOOM),
  );
}
