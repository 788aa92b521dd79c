/** Colours: one for each function, in the order in which they appear, and those of the theme. */

/** The palette of Tableau 10 without its red, which stands for failures, and with three more. */
const PALETTE = [
  '#4e79a7',
  '#f28e2b',
  '#59a14f',
  '#b07aa1',
  '#4fa8a1',
  '#d8b335',
  '#9c755f',
  '#e58fa0',
  '#6d87d6',
  '#86bc66',
  '#c06a93',
  '#7f8a94',
] as const;

const chosen = new Map<string, string>();

/** Returns the colour of a function. It never changes while the page is open. */
export function colorOf(name: string): string {
  let color = chosen.get(name);
  if (color === undefined) {
    color = PALETTE[chosen.size % PALETTE.length]!;
    chosen.set(name, color);
  }
  return color;
}

const NAMES = ['text', 'muted', 'line', 'grid', 'surface', 'lane', 'bad', 'accent', 'warn', 'cool'] as const;
export type ThemeColors = Readonly<Record<(typeof NAMES)[number], string>>;

let probe: HTMLElement | undefined;

/** Returns the colours of the present theme, for a canvas. */
export function themeColors(): ThemeColors {
  if (probe === undefined) {
    probe = document.createElement('i');
    probe.hidden = true;
    document.body.append(probe);
  }
  const style = getComputedStyle(probe);
  const read = (name: string) => {
    probe!.style.color = `var(--${name})`;
    return style.color;
  };
  return Object.fromEntries(NAMES.map((name) => [name, read(name)])) as ThemeColors;
}
