import type { KeyboardEvent } from "react";
import { counted } from "../components/format.ts";
import { type JsonRow, MAX_TEXT, sizeOf } from "./json-tree.ts";

/** Width of a level in the viewer, in pixels. */
const INDENT = 16;

interface JsonLineProps {
  readonly id: string;
  readonly row: JsonRow;
  readonly isChosen: boolean;
  readonly isMatch: boolean;
  /** Chooses the line, and folds or unfolds it. */
  readonly onChoose: () => void;
  readonly onKey: (event: KeyboardEvent) => void;
}

/** A line of the JSON viewer. */
export function JsonLine({ id, row, isChosen, isMatch, onChoose, onKey }: JsonLineProps) {
  const { kind, name, depth, value, hasNext } = row;
  const comma = hasNext ? "," : "";
  const style = { paddingInlineStart: depth * INDENT + 18 };
  if (kind === "end")
    return typeof value === "string" ? null : (
      <div aria-hidden style={style}>
        {Array.isArray(value) ? "]" : "}"}
        {comma}
      </div>
    );
  return (
    <div
      role="treeitem"
      tabIndex={isChosen ? 0 : -1}
      aria-level={depth + 1}
      aria-selected={isChosen}
      {...(kind === "open" || kind === "folded" ? { "aria-expanded": kind === "open" } : {})}
      data-line={id}
      data-match={isMatch || undefined}
      style={style}
      onClick={onChoose}
      onKeyDown={onKey}
    >
      {kind !== "leaf" && kind !== "rest" && (
        <span className="json-fold" aria-hidden>
          {kind === "open" ? "▾" : "▸"}
        </span>
      )}
      {name !== undefined && (
        <>
          <span className="json-name">{JSON.stringify(name)}</span>:{" "}
        </>
      )}
      {kind === "rest" ? (
        <u>{`Show more (${counted(Number(value), "item")} left)`}</u>
      ) : (
        <Value kind={kind} value={value} />
      )}
      {(kind !== "open" || typeof value === "string") && kind !== "rest" && comma}
    </div>
  );
}

function Value({ kind, value }: Pick<JsonRow, "kind" | "value">) {
  if (typeof value === "string") {
    const isCut = kind === "folded";
    return (
      <>
        <span className="json-string">{JSON.stringify(isCut ? value.slice(0, MAX_TEXT) : value)}</span>
        {isCut && <span className="json-note"> … {value.length.toLocaleString()} characters</span>}
      </>
    );
  }
  const size = sizeOf(value);
  if (size === undefined)
    return <span className={typeof value === "number" ? "json-number" : "json-word"}>{String(value)}</span>;
  const [begin, end] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  if (kind === "open") return begin;
  if (size === 0) return `${begin}${end}`;
  return (
    <>
      {begin}…{end}{" "}
      <span className="json-note">{counted(size, Array.isArray(value) ? "item" : "field")}</span>
    </>
  );
}
