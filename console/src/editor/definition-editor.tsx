import { json, jsonParseLinter } from "@codemirror/lang-json";
import { yaml } from "@codemirror/lang-yaml";
import { type Diagnostic, linter, lintGutter, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, type Extension, type Text } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useComputedColorScheme } from "@mantine/core";
import { basicSetup } from "codemirror";
import { useEffect, useRef } from "react";
import { editorTheme } from "./theme.ts";

/** An error of the service at a place of the text, counted from 1. */
interface PlacedProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

interface DefinitionEditorProps {
  readonly label: string;
  /** The initial text; later changes of this property are ignored. */
  readonly initial: string;
  readonly onChange: (text: string) => void;
  /** Shown at their places until the text changes. */
  readonly problems?: readonly PlacedProblem[];
  readonly height?: number;
}

const NONE: readonly PlacedProblem[] = [];

type Format = "json" | "yaml";
const formatOf = (text: Text): Format => (/^\s*\{/.test(text.sliceString(0, 200)) ? "json" : "yaml");

/** A placeholder without quotes is no JSON, but it is before it is filled. */
const unlessItHasPlaceholders =
  (lint: (view: EditorView) => Diagnostic[]) =>
  (view: EditorView): Diagnostic[] =>
    view.state.doc.toString().includes("${") ? [] : lint(view);

const languageOf = (format: Format): Extension =>
  format === "json" ? [json(), linter(unlessItHasPlaceholders(jsonParseLinter()))] : yaml();

/** Marks from the place to the end of its word. */
const diagnosticAt = (doc: Text, { line, column, message }: PlacedProblem): Diagnostic => {
  const { from: start, to: end, text } = doc.line(Math.min(line, doc.lines));
  const from = Math.min(start + column - 1, end);
  const word = /^[^\s,:]+/.exec(text.slice(from - start))?.[0] ?? "";
  return { from, to: Math.min(from + Math.max(word.length, 1), end), severity: "error", message };
};

/** An editor for a flow in JSON or YAML, that marks invalid JSON while typing, and errors of the service after its answer. */
export default function DefinitionEditor({
  label,
  initial,
  onChange,
  problems = NONE,
  height = 480,
}: DefinitionEditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const listener = useRef(onChange);
  listener.current = onChange;
  const scheme = useComputedColorScheme("light");
  const look = useRef(new Compartment());
  // biome-ignore lint/correctness/useExhaustiveDependencies: made once; the scheme is changed below
  useEffect(() => {
    if (place.current === null) return;
    const language = new Compartment();
    let format: Format | undefined;
    const languageFor = (doc: Text): Extension => {
      format = formatOf(doc);
      return languageOf(format);
    };
    const state = EditorState.create({ doc: initial });
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: initial,
        extensions: [
          basicSetup,
          language.of(languageFor(state.doc)),
          lintGutter(),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": label }),
          look.current.of(editorTheme(scheme)),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged) return;
            const { doc } = update.state;
            if (formatOf(doc) !== format)
              update.view.dispatch({ effects: language.reconfigure(languageFor(doc)) });
            listener.current(doc.toString());
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
    const diagnostics = problems.map((problem) => diagnosticAt(editor.state.doc, problem));
    editor.dispatch(setDiagnostics(editor.state, diagnostics));
    const first = diagnostics[0];
    if (first !== undefined)
      editor.dispatch({ effects: EditorView.scrollIntoView(first.from, { y: "center" }) });
  }, [problems]);
  return <div ref={place} className="definition-editor" style={{ height, overflow: "auto" }} />;
}
