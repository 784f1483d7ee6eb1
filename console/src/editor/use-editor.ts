import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useComputedColorScheme } from "@mantine/core";
import { basicSetup } from "codemirror";
import { type RefObject, useEffect, useRef } from "react";
import { editorTheme } from "./theme.ts";

interface EditorOptions {
  readonly label: string;
  /** The initial text; later changes of this property are ignored, as are those of `extensions`. */
  readonly doc: string;
  readonly extensions: readonly Extension[];
  readonly onChange?: ((text: string) => void) | undefined;
}

/** An editor in the colors of the page, made once in the returned place. */
export const useEditor = ({
  label,
  doc,
  extensions,
  onChange,
}: EditorOptions): { place: RefObject<HTMLDivElement | null>; view: RefObject<EditorView | null> } => {
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
        doc,
        extensions: [
          basicSetup,
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": label }),
          look.current.of(editorTheme(scheme)),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) listener.current?.(update.state.doc.toString());
          }),
          ...extensions,
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, []);
  useEffect(() => {
    view.current?.dispatch({ effects: look.current.reconfigure(editorTheme(scheme)) });
  }, [scheme]);
  return { place, view };
};
