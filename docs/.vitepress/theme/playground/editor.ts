/** An editor for JavaScript. Its colours are classes, and playground.css defines both modes. */
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { javascript } from '@codemirror/lang-javascript';
import { bracketMatching, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { EditorState, Prec } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { classHighlighter } from '@lezer/highlight';

export interface Editor {
  /** Replaces the text, and forgets what could be undone. */
  show(text: string): void;
  destroy(): void;
}

export interface EditorOptions {
  readonly parent: HTMLElement;
  /** For screen readers. */
  readonly label: string;
  readonly text: string;
  changed(text: string): void;
  /** Called for Ctrl+Enter, or Cmd+Enter on a Mac. */
  run(): void;
}

/** The Tab key moves the focus, so that a reader without a mouse can leave the editor. */
export function createEditor({ parent, label, text, changed, run }: EditorOptions): Editor {
  const runs = () => {
    run();
    return true;
  };
  const extensions = [
    Prec.highest(keymap.of([{ key: 'Mod-Enter', run: runs }])),
    keymap.of([...defaultKeymap, ...historyKeymap]),
    lineNumbers(),
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    highlightActiveLine(),
    javascript(),
    syntaxHighlighting(classHighlighter),
    EditorView.contentAttributes.of({ 'aria-label': label }),
    EditorView.updateListener.of(({ docChanged, state }) => {
      if (docChanged) changed(state.doc.toString());
    }),
  ];
  const stateOf = (doc: string) => EditorState.create({ doc, extensions });
  const view = new EditorView({ parent, state: stateOf(text) });
  return {
    show: (doc) => view.setState(stateOf(doc)),
    destroy: () => view.destroy(),
  };
}
