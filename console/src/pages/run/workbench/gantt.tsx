import "./gantt.css";
import { Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import type { StepAttempt } from "../../../api/steps.ts";
import { counted, durationText } from "../../../components/format.ts";
import { useNow } from "../../../components/time.tsx";
import { marksOn, type Span } from "./axis.ts";
import { GanttRow } from "./gantt-row.tsx";
import { Shade } from "./shade.tsx";
import type { TimelineRow } from "./tree.ts";

/** Below this width, in pixels, a row has two lines: the step, and its bar. */
const NARROW = 420;
const ROW = { wide: 34, narrow: 52 } as const;
/** Pixels between two marks of the time axis. */
const MARK = 80;
/** Part of the width that the bars have beside the names. */
const BARS = 0.5;
const OVERSCAN = 8;

const NO_ATTEMPTS: readonly StepAttempt[] = [];

interface GanttProps {
  readonly rows: readonly TimelineRow[];
  /** When the run began, and when it ended, in epoch milliseconds. */
  readonly begun: number;
  readonly ended: number | undefined;
  readonly pauses: (now: number) => readonly Span[];
  /** The id of the step that is shown beside the chart. */
  readonly chosen: string | undefined;
  /** The calls of the chosen step, as far as they are known. */
  readonly attempts: readonly StepAttempt[];
  readonly onChoose: (row: TimelineRow) => void;
  readonly onToggle: (id: string) => void;
  readonly height: number | string;
}

/**
 * The steps as bars on a time axis. For the keyboard and for screen readers it is a tree. Only the visible rows and those near them are
 * rendered.
 */
export function Gantt(props: GanttProps) {
  const { rows, begun, ended, chosen, onChoose, onToggle, height } = props;
  const now = useNow(ended === undefined);
  const { ref: sized, width } = useElementSize();
  const scroll = useRef<HTMLDivElement>(null);
  const isNarrow = width > 0 && width < NARROW;
  const size = isNarrow ? ROW.narrow : ROW.wide;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => size,
    getItemKey: (index) => rows[index]?.node.id ?? index,
    overscan: OVERSCAN,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows have another height
  useEffect(() => virtual.measure(), [size]);
  const index = useMemo(() => new Map(rows.map(({ node }, at) => [node.id, at])), [rows]);
  const [focused, setFocused] = useState<string>();
  const current = index.get(focused ?? "") ?? index.get(chosen ?? "") ?? 0;
  // The row with the focus may have to be rendered first.
  const wanted = useRef<string>(undefined);
  useEffect(() => {
    if (wanted.current === undefined) return;
    const row = scroll.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(wanted.current)}"]`);
    if (row === null || row === undefined) return;
    row.focus({ preventScroll: true });
    wanted.current = undefined;
  });
  const at = chosen === undefined ? undefined : index.get(chosen);
  // biome-ignore lint/correctness/useExhaustiveDependencies: follows the choice, and not every change of the rows
  useEffect(() => {
    if (at !== undefined) virtual.scrollToIndex(at, { align: "auto" });
  }, [chosen]);
  const goTo = (to: number) => {
    const row = rows[Math.min(rows.length - 1, Math.max(0, to))];
    if (row === undefined) return;
    wanted.current = row.node.id;
    setFocused(row.node.id);
    virtual.scrollToIndex(index.get(row.node.id) ?? 0, { align: "auto" });
  };
  const onKey = (event: KeyboardEvent, row: TimelineRow) => {
    const here = index.get(row.node.id) ?? 0;
    const act = {
      ArrowDown: () => goTo(here + 1),
      ArrowUp: () => goTo(here - 1),
      PageDown: () => goTo(here + 10),
      PageUp: () => goTo(here - 10),
      Home: () => goTo(0),
      End: () => goTo(rows.length - 1),
      ArrowRight: () => (row.isOpen === false ? onToggle(row.node.id) : goTo(here + 1)),
      ArrowLeft: () =>
        row.isOpen === true ? onToggle(row.node.id) : goTo(index.get(row.parent ?? "") ?? here),
      Enter: () => onChoose(row),
      " ": () => onChoose(row),
    }[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  };
  const span = { from: begun, to: Math.max(begun + 1, ended ?? now) };
  const pauses = props.pauses(now);
  const marks = marksOn(span, Math.max(2, Math.floor((width * (isNarrow ? 1 : BARS)) / MARK)));
  return (
    <div ref={sized} className="gantt" data-narrow={isNarrow || undefined}>
      <div ref={scroll} className="gantt-scroll" style={{ maxHeight: height }}>
        <div aria-hidden className="gantt-row gantt-head">
          <span>Step</span>
          <span className="gantt-bars">
            {marks.map(({ at, label }) => (
              <span key={label} className="gantt-mark" style={{ left: `${at * 100}%` }}>
                {label}
              </span>
            ))}
          </span>
          <span className="gantt-length">Duration</span>
        </div>
        <div className="gantt-body" style={{ height: virtual.getTotalSize() }}>
          <Shade span={span} pauses={pauses} marks={marks} />
          <div role="tree" aria-label="Timeline">
            {virtual.getVirtualItems().map(({ index: at, key, start }) => {
              const row = rows[at];
              return row === undefined ? null : (
                <GanttRow
                  key={key}
                  {...{ row, span, now, size, start, onKey }}
                  isCurrent={at === current}
                  isChosen={row.node.id === chosen}
                  attempts={row.node.id === chosen ? props.attempts : NO_ATTEMPTS}
                  onChoose={({ target }) => {
                    setFocused(row.node.id);
                    const folds = target instanceof HTMLElement && target.dataset["fold"] !== undefined;
                    if (folds) onToggle(row.node.id);
                    else onChoose(row);
                  }}
                />
              );
            })}
          </div>
        </div>
      </div>
      <Paused pauses={pauses} />
    </div>
  );
}

/** Says in words what the shaded stretches are. */
function Paused({ pauses }: { pauses: readonly Span[] }) {
  if (pauses.length === 0) return null;
  const whole = pauses.reduce((sum, { from, to }) => sum + to - from, 0);
  return (
    <Text size="xs" c="dimmed" mt={4}>
      <span className="gantt-swatch" aria-hidden />
      {`Paused ${pauses.length === 1 ? "once" : counted(pauses.length, "time")}, for ${durationText(whole)}`}
    </Text>
  );
}
