/** Bars in cells: progress, and a share of a whole. */
import { h, setText } from './dom.js';
import { percent } from './format.js';

/** A bar with a text behind it. */
export function meter(label: string): {
  readonly element: HTMLElement;
  set(share: number | undefined, text?: string, failed?: number): void;
} {
  const fill = h('i', { class: 'fill' });
  const bad = h('i', { class: 'fill bad' });
  const track = h('span', { class: 'track', 'aria-hidden': 'true' }, fill, bad);
  const value = h('span', { class: 'value' });
  const element = h('span', { class: 'meter', title: label }, track, value);
  return {
    element,
    set(share, text = percent(share), failed = 0) {
      const whole = Math.min(1, Math.max(0, share ?? 0));
      const badShare = Math.min(whole, failed);
      fill.style.width = `${(whole - badShare) * 100}%`;
      bad.style.width = `${badShare * 100}%`;
      setText(value, text);
    },
  };
}
