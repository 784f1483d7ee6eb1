import { defaultHighlightStyle, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const DARK = HighlightStyle.define([
  { tag: tags.propertyName, color: "#9ecbff" },
  { tag: tags.string, color: "#a5d6a7" },
  { tag: tags.number, color: "#f5c38a" },
  { tag: [tags.bool, tags.null], color: "#e0b0ff" },
]);

const frame = {
  "&": { height: "100%", fontSize: "13px", backgroundColor: "var(--mantine-color-body)" },
  ".cm-scroller": { fontFamily: "var(--mantine-font-family-monospace)" },
  ".cm-gutters": {
    backgroundColor: "var(--mantine-color-default-hover)",
    color: "var(--mantine-color-dimmed)",
    border: "none",
  },
};

/** The editor theme, in the colors of the page. */
export const editorTheme = (scheme: "light" | "dark"): Extension => [
  EditorView.theme(frame, { dark: scheme === "dark" }),
  syntaxHighlighting(scheme === "dark" ? DARK : defaultHighlightStyle),
];
