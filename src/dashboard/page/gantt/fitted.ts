/** Shortens texts to the room that they have on a canvas. */

const known = new Map<string, string>();

/** Returns the text, or its start with a sign that the rest is missing. */
export function fitted(context: CanvasRenderingContext2D, text: string, width: number): string {
  const key = `${Math.round(width)} ${text}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  let fit = text;
  while (fit.length > 1 && context.measureText(fit === text ? fit : `${fit}…`).width > width) fit = fit.slice(0, -1);
  if (known.size > 2_000) known.clear();
  const result = fit === text ? text : `${fit}…`;
  known.set(key, result);
  return result;
}
