/** The theme of the page: light, dark, or that of the system. The browser keeps the choice. */

const KEY = 'rx-futures-theme';
const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const listeners = new Set<() => void>();

export function currentTheme(): Theme {
  return THEMES.find((theme) => theme === document.documentElement.dataset['theme']) ?? 'auto';
}

export function nextTheme(): Theme {
  const theme = THEMES[(THEMES.indexOf(currentTheme()) + 1) % THEMES.length]!;
  apply(theme);
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // A browser may forbid storage. The choice then lasts until the page is closed.
  }
  return theme;
}

/** Calls `listener` when the colours have changed. */
export function onThemeChange(listener: () => void): void {
  listeners.add(listener);
}

export function initTheme(): void {
  let stored: string | null = null;
  try {
    stored = localStorage.getItem(KEY);
  } catch {
    // A browser that forbids storage has no stored choice.
  }
  apply(THEMES.find((theme) => theme === stored) ?? 'auto');
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', notify);
}

function apply(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme;
  notify();
}

function notify(): void {
  for (const listener of listeners) listener();
}
