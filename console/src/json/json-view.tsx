import { Box, Code, Group, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { CopyIcon } from "./copy-icon.tsx";
import { JsonLine } from "./json-line.tsx";
import { ITEMS_AT_ONCE, type JsonRow, matchesOf, openAtFirst, rowsOf, valueAt } from "./json-tree.ts";

/** A value with fewer lines has no search. */
const SEARCHED_ROWS = 12;

const textOf = (value: unknown): string => JSON.stringify(value, null, 2) ?? "";

/**
 * Read-only JSON. Values fold, long ones show the rest on request, and a search goes from match to match. The path and the value of
 * the chosen line can be copied.
 */
export function JsonView({ label, value }: { label: string; value: unknown }) {
  const [folds, setFolds] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [limits, setLimits] = useState<ReadonlyMap<string, number>>(new Map());
  const [chosen, setChosen] = useState("$");
  const [search, setSearch] = useState({ text: "", at: -1 });
  const tree = useRef<HTMLDivElement>(null);
  const first = useMemo(() => openAtFirst(value), [value]);
  const isOpen = (path: string) => folds.get(path) ?? first.has(path);
  const items = (path: string) => limits.get(path) ?? ITEMS_AT_ONCE;
  const rows = rowsOf(value, { isOpen, items });
  const matches = useMemo(() => matchesOf(value, search.text.trim()), [value, search.text]);
  const matched = useMemo(() => new Set(matches.map(({ path }) => path)), [matches]);
  const lines = rows.filter(({ kind }) => kind !== "end");
  const current = Math.max(
    0,
    lines.findIndex(({ path, kind }) => keyOf({ path, kind }) === chosen),
  );

  const focusLater = (key: string) => {
    setChosen(key);
    requestAnimationFrame(() => lineOf(tree.current, key)?.focus());
  };
  const toggle = ({ path, kind }: JsonRow) => {
    if (kind === "rest") setLimits(new Map(limits).set(path, items(path) + ITEMS_AT_ONCE));
    else if (kind !== "leaf") setFolds(new Map(folds).set(path, kind === "folded"));
  };
  // The focus follows the chosen line a moment later: fast keys are for the chosen line.
  const onKey = (event: KeyboardEvent) => {
    const row = lines[current];
    if (row === undefined) return;
    const to = (index: number) => {
      const line = lines[index];
      if (line !== undefined) focusLater(keyOf(line));
    };
    const act = {
      ArrowDown: () => to(current + 1),
      ArrowUp: () => to(current - 1),
      Home: () => to(0),
      End: () => to(lines.length - 1),
      ArrowRight: () => (row.kind === "folded" ? toggle(row) : to(current + 1)),
      ArrowLeft: () =>
        row.kind === "open"
          ? toggle(row)
          : to(lines.findLastIndex((line, n) => n < current && line.depth < row.depth)),
      Enter: () => toggle(row),
      " ": () => toggle(row),
    }[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  };
  const goTo = (at: number) => {
    const index = (at + matches.length) % matches.length;
    const match = matches[index];
    if (match === undefined) return;
    setSearch({ ...search, at: index });
    setFolds(new Map([...folds, ...match.within.map(([path]) => [path, true] as const)]));
    const shown = match.within.map(([path, n]) => [path, Math.max(items(path), n + 1)] as const);
    setLimits(new Map([...limits, ...shown]));
    setChosen(match.path);
    requestAnimationFrame(() => lineOf(tree.current, match.path)?.scrollIntoView({ block: "nearest" }));
  };
  const path = lines[current]?.path ?? "$";
  return (
    <Box className="json-view" role="region" aria-label={label}>
      <Group gap={6} wrap="nowrap" className="json-bar">
        {(rows.length > SEARCHED_ROWS || search.text !== "") && (
          <TextInput
            size="xs"
            aria-label={`Search ${label.toLowerCase()}`}
            placeholder="Search"
            leftSection={<IconSearch size={14} aria-hidden />}
            value={search.text}
            onChange={(event) => setSearch({ text: event.currentTarget.value, at: -1 })}
            onKeyDown={(event) => {
              if (event.key !== "Enter") return;
              event.preventDefault();
              goTo(event.shiftKey ? search.at - 1 : search.at + 1);
            }}
          />
        )}
        <Text size="xs" c="dimmed" role="status" className="one-line">
          {search.text.trim() !== "" &&
            (search.at >= 0 ? `${search.at + 1} of ${matches.length}` : matchCount(matches.length))}
        </Text>
        <Code className="json-path">{path}</Code>
        <CopyIcon what="Copy path" shape="path" text={() => path} />
        <CopyIcon what="Copy value" shape="value" text={() => copiedText(valueAt(rows, path))} />
        <CopyIcon what={`Copy ${label.toLowerCase()}`} text={() => textOf(value)} />
      </Group>
      <div role="tree" aria-label={label} className="json-lines" ref={tree}>
        {rows.map((row) => (
          <JsonLine
            key={`${row.kind === "end" ? "end " : ""}${keyOf(row)}`}
            id={keyOf(row)}
            row={row}
            isChosen={row.kind !== "end" && keyOf(row) === keyOf(lines[current] ?? row)}
            isMatch={row.kind !== "end" && matched.has(row.path)}
            onChoose={() => {
              setChosen(keyOf(row));
              toggle(row);
            }}
            onKey={onKey}
          />
        ))}
      </div>
    </Box>
  );
}

const matchCount = (count: number): string => (count === 1 ? "1 match" : `${count.toLocaleString()} matches`);

/** A line's own name: the rest of a value has the value's path. */
const keyOf = ({ path, kind }: Pick<JsonRow, "path" | "kind">): string =>
  kind === "rest" ? `${path} rest` : path;

const lineOf = (tree: HTMLElement | null, key: string): HTMLElement | null =>
  tree?.querySelector<HTMLElement>(`[data-line="${CSS.escape(key)}"]`) ?? null;

/** A text is copied as it is, anything else as JSON. */
const copiedText = (value: unknown): string => (typeof value === "string" ? value : textOf(value));
