import { json } from "@codemirror/lang-json";
import { unifiedMergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { useEditor } from "./use-editor.ts";

/** The changes from one version to another, in one column. Give it a key for each pair of texts. */
export default function DefinitionDiff(props: {
  label: string;
  before: string;
  after: string;
  height?: number;
}) {
  const { label, before, after, height = 480 } = props;
  const { place } = useEditor({
    label,
    doc: after,
    extensions: [
      json(),
      EditorState.readOnly.of(true),
      unifiedMergeView({
        original: before,
        mergeControls: false,
        syntaxHighlightDeletions: false,
        collapseUnchanged: { margin: 3, minSize: 6 },
      }),
    ],
  });
  return <div ref={place} style={{ height, overflow: "auto" }} />;
}
