/** A table whose rows are updated in place, so that the focus, a selection and open parts stay. */
import { type Child, h, setText } from './dom.js';

export interface Column<Row> {
  readonly title: string;
  /** A longer title, for the pointer and for screen readers. */
  readonly hint?: string;
  readonly isNumber?: boolean;
  /** The column is left out where the table has little room. */
  readonly isDetail?: boolean;
  /** Returns the text of a cell. */
  readonly text?: (row: Row) => string;
  /** Makes the content of a cell, and updates it. */
  readonly cell?: () => { readonly element: Child; update(row: Row): void };
  readonly className?: (row: Row) => string | undefined;
}

interface Made<Row> {
  readonly element: HTMLTableRowElement;
  update(row: Row): void;
}

export class Table<Row> {
  readonly element: HTMLElement;
  readonly #columns: readonly Column<Row>[];
  readonly #keyOf: (row: Row) => string;
  readonly #body = h('tbody');
  readonly #empty: HTMLElement;
  readonly #table: HTMLTableElement;
  readonly #rows = new Map<string, Made<Row>>();

  constructor(caption: string, columns: readonly Column<Row>[], keyOf: (row: Row) => string, empty: string) {
    this.#columns = columns;
    this.#keyOf = keyOf;
    const head = columns.map((column) =>
      h('th', { scope: 'col', title: column.hint, class: classOf(column) }, column.title),
    );
    this.#table = h(
      'table',
      {},
      h('caption', { class: 'hidden' }, caption),
      h('thead', {}, h('tr', {}, ...head)),
      this.#body,
    );
    this.#empty = h('p', { class: 'empty' }, empty);
    // A region that scrolls must be reachable by keyboard.
    this.element = h(
      'div',
      { class: 'table', tabindex: 0, role: 'region', 'aria-label': caption },
      this.#table,
      this.#empty,
    );
    this.show([]);
  }

  show(rows: readonly Row[]): void {
    this.#empty.hidden = rows.length > 0;
    this.#table.hidden = rows.length === 0;
    const keys = new Set(rows.map(this.#keyOf));
    for (const [key, made] of this.#rows) {
      if (keys.has(key)) continue;
      made.element.remove();
      this.#rows.delete(key);
    }
    for (const [i, row] of rows.entries()) {
      const key = this.#keyOf(row);
      const made = this.#rows.get(key) ?? this.#make();
      this.#rows.set(key, made);
      made.update(row);
      if (this.#body.children[i] !== made.element)
        this.#body.insertBefore(made.element, this.#body.children[i] ?? null);
    }
  }

  #make(): Made<Row> {
    const cells = this.#columns.map((column, i) => {
      const { text, cell, className } = column;
      const element = i === 0 ? h('th', { scope: 'row' }) : h('td', { class: classOf(column) });
      const content = cell?.();
      if (content !== undefined) element.append(content.element);
      return {
        element,
        update(row: Row) {
          if (text !== undefined) setText(element, text(row));
          content?.update(row);
          if (className !== undefined) element.className = `${classOf(column) ?? ''} ${className(row) ?? ''}`;
        },
      };
    });
    return {
      element: h('tr', {}, ...cells.map(({ element }) => element)),
      update: (row) => {
        for (const cell of cells) cell.update(row);
      },
    };
  }
}

function classOf({ isNumber, isDetail }: Column<never>): string | undefined {
  const names = [...(isNumber ? ['number'] : []), ...(isDetail ? ['detail'] : [])];
  return names.length === 0 ? undefined : names.join(' ');
}
