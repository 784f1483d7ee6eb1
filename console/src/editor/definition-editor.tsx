import { json, jsonParseLinter } from "@codemirror/lang-json";
import { yaml } from "@codemirror/lang-yaml";
import { type Diagnostic, linter, lintGutter } from "@codemirror/lint";
import {
  Compartment,
  EditorState,
  type Extension,
  StateEffect,
  StateField,
  type Text,
} from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect } from "react";
import { useEditor } from "./use-editor.ts";

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
  /** Each is shown at its place until that changes. */
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

/** JSON or YAML, whichever the text is. */
const languageByText = (initial: string): Extension => {
  const language = new Compartment();
  let format = formatOf(EditorState.create({ doc: initial }).doc);
  return [
    language.of(languageOf(format)),
    EditorView.updateListener.of(({ docChanged, state, view }) => {
      const next = formatOf(state.doc);
      if (!docChanged || next === format) return;
      format = next;
      view.dispatch({ effects: language.reconfigure(languageOf(format)) });
    }),
  ];
};

/** Marks from the place to the end of its word. */
const diagnosticAt = (doc: Text, { line, column, message }: PlacedProblem): Diagnostic => {
  const { from: start, to: end, text } = doc.line(Math.min(line, doc.lines));
  const from = Math.min(start + column - 1, end);
  const word = /^[^\s,:]+/.exec(text.slice(from - start))?.[0] ?? "";
  return { from, to: Math.min(from + Math.max(word.length, 1), end), severity: "error", message };
};

const setProblems = StateEffect.define<readonly Diagnostic[]>();

/** The service's errors. They move with the text around them, and vanish when the text that they mark changes. */
const serverProblems = StateField.define<readonly Diagnostic[]>({
  create: () => [],
  update: (shown, { changes, effects, docChanged }) => {
    const told = effects.find((effect) => effect.is(setProblems));
    if (told !== undefined) return told.value;
    if (!docChanged) return shown;
    return shown
      .filter(({ from, to }) => changes.touchesRange(from, to) === false)
      .map((one) => ({ ...one, from: changes.mapPos(one.from, 1), to: changes.mapPos(one.to, -1) }));
  },
});

/** Shows them beside the errors of the text itself, at once. */
const serverLinter: Extension = [
  serverProblems,
  linter((view) => view.state.field(serverProblems), {
    delay: 0,
    needsRefresh: ({ startState, state }) => startState.field(serverProblems) !== state.field(serverProblems),
  }),
];

/** An editor for a flow in JSON or YAML, that marks invalid JSON while typing, and errors of the service after its answer. */
export default function DefinitionEditor({
  label,
  initial,
  onChange,
  problems = NONE,
  height = 480,
}: DefinitionEditorProps) {
  const { place, view } = useEditor({
    label,
    doc: initial,
    onChange,
    extensions: [lintGutter(), serverLinter, languageByText(initial)],
  });
  useEffect(() => {
    const editor = view.current;
    if (editor === null) return;
    const diagnostics = problems.map((problem) => diagnosticAt(editor.state.doc, problem));
    const first = diagnostics[0];
    const shows = first === undefined ? [] : [EditorView.scrollIntoView(first.from, { y: "center" })];
    editor.dispatch({ effects: [setProblems.of(diagnostics), ...shows] });
  }, [view, problems]);
  return <div ref={place} className="definition-editor" style={{ height, overflow: "auto" }} />;
}
