/** The keys of the page. */

export type Shortcuts = Readonly<Record<string, () => void>>;

/**
 * Calls the function of a key. Keys that a field or a button uses itself stay theirs, and so do
 * those of the browser.
 */
export function listenKeys(shortcuts: Shortcuts, isBlocked: () => boolean): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isBlocked()) return;
    const target = event.target as HTMLElement;
    if (target.matches('input, textarea, select')) return;
    if ((event.key === ' ' || event.key === 'Enter') && target.closest('button, summary, a') !== null) return;
    if (event.key.startsWith('Arrow') && target.closest('.table, pre, [role=tablist]') !== null) return;
    const run = shortcuts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (run === undefined) return;
    event.preventDefault();
    run();
  });
}
