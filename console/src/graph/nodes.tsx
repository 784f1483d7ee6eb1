import {
  IconArrowsSplit,
  IconBan,
  IconCheck,
  IconCircleX,
  IconClock,
  IconForms,
  IconFunction,
  IconHandStop,
  IconHourglass,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  type IconProps,
  IconQuestionMark,
  IconRepeat,
  IconThumbUp,
  IconTransform,
  IconX,
} from "@tabler/icons-react";
import { Handle, type NodeProps, type NodeTypes, Position } from "@xyflow/react";
import type { ComponentType } from "react";
import type { PointNode, StateNode } from "./layout.ts";
import { type StateMark, useStateLooks } from "./state-marks.ts";
import type { GraphState } from "./states.ts";

type Icon = ComponentType<IconProps>;

const TYPES: Readonly<Record<string, Icon>> = {
  Task: IconFunction,
  Wait: IconClock,
  Choice: IconQuestionMark,
  Pass: IconTransform,
  Succeed: IconCheck,
  Fail: IconX,
  Parallel: IconArrowsSplit,
  Map: IconRepeat,
};
const PEOPLE: Readonly<Record<string, Icon>> = {
  "arn:sluice:::approval": IconThumbUp,
  "arn:sluice:::form": IconForms,
};
const STATUSES: Readonly<Record<StateMark["status"], Icon>> = {
  running: IconPlayerPlayFilled,
  waiting: IconHourglass,
  completed: IconCheck,
  failed: IconCircleX,
  cancelled: IconBan,
  parked: IconPlayerPauseFilled,
  passed: IconCheck,
};
const WORDS: Readonly<Record<StateMark["status"], string>> = {
  ...{ running: "running", waiting: "waiting", completed: "completed", failed: "failed" },
  ...{ cancelled: "cancelled", parked: "paused here", passed: "passed" },
};

const kindOf = ({ type, resource = "" }: GraphState): string =>
  resource === "arn:sluice:::approval" ? "Approval" : resource === "arn:sluice:::form" ? "Form" : type;

function StateBody({ state }: { state: GraphState }) {
  const { marks, selected, breakpoint, isChoosing } = useStateLooks();
  const mark = marks.get(state.name);
  const TypeIcon = PEOPLE[state.resource ?? ""] ?? TYPES[state.type] ?? IconQuestionMark;
  const StatusIcon = mark && STATUSES[mark.status];
  const stops = breakpoint === state.name;
  const note = mark?.note === undefined ? "" : `, ${mark.note}`;
  const statusText = `${mark === undefined ? "" : `, ${WORDS[mark.status]}`}${note}${stops ? ", breakpoint" : ""}`;
  return (
    <div
      className="state"
      data-state={state.name}
      data-status={mark?.status}
      data-selected={selected === state.name || undefined}
      data-choosing={isChoosing || undefined}
      data-breakpoint={stops || undefined}
      title={`${state.name} (${kindOf(state)}${statusText})`}
    >
      {stops ? <IconHandStop size={16} aria-hidden /> : <TypeIcon size={16} aria-hidden />}
      <span className="state-name">{state.name}</span>
      {mark?.note !== undefined && (
        <span className="state-note" aria-hidden>
          {mark.note}
        </span>
      )}
      {mark !== undefined && mark.visits > 1 && <span className="state-visits">×{mark.visits}</span>}
      {StatusIcon !== undefined && <StatusIcon size={16} aria-hidden className="state-status" />}
      <span className="state-hint">{`${kindOf(state)}${statusText}`}</span>
    </div>
  );
}

const Handles = () => (
  <>
    <Handle type="target" position={Position.Top} isConnectable={false} />
    <Handle type="source" position={Position.Bottom} isConnectable={false} />
  </>
);

function StateBox({ data }: NodeProps<StateNode>) {
  return (
    <>
      <StateBody state={data.state} />
      <Handles />
    </>
  );
}

function GroupBox({ data }: NodeProps<StateNode>) {
  return (
    <div className="group">
      <StateBody state={data.state} />
      <Handles />
    </div>
  );
}

function PointBox({ data }: NodeProps<PointNode>) {
  return (
    <div className="point" data-end={data.end || undefined}>
      <Handles />
    </div>
  );
}

const BranchBox = () => <div className="branch" />;

export const NODE_TYPES = {
  state: StateBox,
  group: GroupBox,
  point: PointBox,
  branch: BranchBox,
} satisfies NodeTypes;
