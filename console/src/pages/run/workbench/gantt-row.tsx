import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import type { KeyboardEvent, MouseEvent } from "react";
import type { StepAttempt } from "../../../api/steps.ts";
import { durationText } from "../../../components/format.ts";
import { STEP_LOOKS } from "../step/step-looks.ts";
import { placeOn, type Span } from "./axis.ts";
import type { TimelineRow } from "./tree.ts";

/** Width of a level, in pixels. */
const INDENT = 14;

interface GanttRowProps {
  readonly row: TimelineRow;
  readonly span: Span;
  readonly now: number;
  /** Height and position in pixels. */
  readonly size: number;
  readonly start: number;
  /** Whether the Tab key reaches it. */
  readonly isCurrent: boolean;
  readonly isChosen: boolean;
  /** Its calls, as far as they are known. */
  readonly attempts: readonly StepAttempt[];
  /** Called with the part of the row that was clicked. */
  readonly onChoose: (event: MouseEvent) => void;
  readonly onKey: (event: KeyboardEvent, row: TimelineRow) => void;
}

/** A row of the timeline: a step or an iteration, its bar, and its duration. */
export function GanttRow(props: GanttRowProps) {
  const { row, span, now, size, start, isCurrent, isChosen, attempts, onChoose, onKey } = props;
  const { node, depth, isOpen } = row;
  const { Icon } = STEP_LOOKS[node.status];
  const end = node.to ?? Math.max(now, node.from);
  const length = durationText(end - node.from);
  const { left, width } = placeOn(span, node.from, end);
  const waits = node.step?.type === "Wait" || node.step?.question !== undefined || node.status === "waiting";
  return (
    <div
      role="treeitem"
      tabIndex={isCurrent ? 0 : -1}
      aria-level={depth + 1}
      aria-selected={isChosen}
      {...(isOpen === undefined ? {} : { "aria-expanded": isOpen })}
      className="gantt-row"
      data-row={node.id}
      data-status={node.status}
      style={{ height: size, transform: `translateY(${start}px)` }}
      onClick={onChoose}
      onKeyDown={(event) => onKey(event, row)}
    >
      <span className="gantt-name" style={{ paddingInlineStart: depth * INDENT }}>
        <span className="gantt-fold" aria-hidden data-fold={isOpen !== undefined || undefined}>
          {isOpen === true && <IconChevronDown size={14} />}
          {isOpen === false && <IconChevronRight size={14} />}
        </span>
        <Icon size={14} aria-hidden className="gantt-icon" />
        <span className="gantt-label">{node.label}</span>
        <span className="gantt-hint">{`, ${node.status}${node.note === undefined ? "" : ", "}`}</span>
        {node.note !== undefined && <span className="gantt-note">{node.note}</span>}
      </span>
      <span className="gantt-bars">
        <span className="gantt-hint">{`, began after ${durationText(node.from - span.from)}, lasts `}</span>
        <span
          className="gantt-bar"
          data-kind={attempts.length > 1 ? "retried" : waits ? "wait" : "work"}
          style={{ left: `${left * 100}%`, width: `${width * 100}%` }}
        />
        {attempts.length > 1 &&
          attempts.map(({ attempt, startedAt, endedAt }) => {
            const until = endedAt === undefined ? now : Date.parse(endedAt);
            const call = placeOn(span, Date.parse(startedAt), until);
            return (
              <span
                key={attempt}
                className="gantt-attempt"
                style={{ left: `${call.left * 100}%`, width: `${call.width * 100}%` }}
              />
            );
          })}
      </span>
      <span className="gantt-length">{length}</span>
    </div>
  );
}
