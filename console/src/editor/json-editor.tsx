import { json, jsonParseLinter } from "@codemirror/lang-json";
import { type Diagnostic, linter, lintGutter, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useComputedColorScheme } from "@mantine/core";
import { basicSetup } from "codemirror";
import { useEffect, useRef } from "react";
import type { FoundProblem } from "./problem-lines.ts";
import { editorTheme } from "./theme.ts";

export interface JsonEditorProps {
  readonly label: string;
  /** The initial text; later changes of this property are ignored. */
  readonly initial: string;
  readonly onChange: (text: string) => void;
  /** Shown at their positions until the text changes. */
  readonly problems?: readonly FoundProblem[];
  readonly height?: number;
}

const NONE: readonly FoundProblem[] = [];

/** A JSON editor that marks invalid JSON while typing, and errors of the server after its answer. */
export default function JsonEditor({
  label,
  initial,
  onChange,
  problems = NONE,
  height = 480,
}: JsonEditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const listener = useRef(onChange);
  listener.current = onChange;
  const scheme = useComputedColorScheme("light");
  const look = useRef(new Compartment());
  // biome-ignore lint/correctness/useExhaustiveDependencies: made once; the scheme is changed below
  useEffect(() => {
    if (place.current === null) return;
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: initial,
        extensions: [
          basicSetup,
          json(),
          linter(jsonParseLinter()),
          lintGutter(),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": label }),
          look.current.of(editorTheme(scheme)),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) listener.current(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, []);
  useEffect(() => {
    view.current?.dispatch({ effects: look.current.reconfigure(editorTheme(scheme)) });
  }, [scheme]);
  useEffect(() => {
    const editor = view.current;
    if (editor === null || problems.length === 0) return;
    const end = editor.state.doc.length;
    const diagnostics = problems.map(
      ({ from, to, message }): Diagnostic => ({
        from: Math.min(from, end),
        to: Math.min(to, end),
        severity: "error",
        message,
      }),
    );
    editor.dispatch(setDiagnostics(editor.state, diagnostics));
    const first = diagnostics[0];
    if (first !== undefined)
      editor.dispatch({ effects: EditorView.scrollIntoView(first.from, { y: "center" }) });
  }, [problems]);
  return <div ref={place} className="json-editor" style={{ height, overflow: "auto" }} />;
}
