import { json } from "@codemirror/lang-json";
import { syntaxTree } from "@codemirror/language";
import { type Diagnostic, linter } from "@codemirror/lint";
import { unifiedMergeView } from "@codemirror/merge";
import type { EditorView } from "@codemirror/view";
import { Input } from "@mantine/core";
import { useId } from "react";
import { jsonFault } from "../components/json-field.tsx";
import { useEditor } from "./use-editor.ts";

export interface JsonEditorProps {
  readonly label: string;
  readonly description?: string | undefined;
  /** The current text. The editor shows the first one, so give it a key when another text is to be edited. */
  readonly value: string;
  readonly onChange: (text: string) => void;
  /** The original text: the editor shows the difference while it is edited. */
  readonly original?: string | undefined;
  /** Shown instead of what is wrong with the JSON. */
  readonly error?: string | undefined;
}

/** Marks the first place that is not JSON. The parser of the editor knows it exactly. */
const lint = ({ state }: EditorView): Diagnostic[] => {
  const message = jsonFault(state.doc.toString());
  if (message === undefined) return [];
  const cursor = syntaxTree(state).cursor();
  while (!cursor.type.isError) if (!cursor.next()) return [];
  return [{ from: cursor.from, to: cursor.to, severity: "error", message }];
};

/** A field for JSON that is checked as it is typed, and shows what has been changed. */
export default function JsonEditor({
  label,
  description,
  value,
  onChange,
  original,
  error,
}: JsonEditorProps) {
  const id = useId();
  const { place } = useEditor({
    label,
    doc: value,
    onChange,
    extensions: [
      json(),
      linter(lint),
      ...(original === undefined
        ? []
        : [unifiedMergeView({ original, mergeControls: false, syntaxHighlightDeletions: false })]),
    ],
  });
  const fault = error ?? jsonFault(value);
  return (
    <Input.Wrapper
      id={id}
      label={label}
      labelElement="div"
      {...(description === undefined ? {} : { description })}
      {...(fault === undefined ? {} : { error: fault })}
    >
      <div ref={place} className="json-editor" data-invalid={fault !== undefined || undefined} />
    </Input.Wrapper>
  );
}
