import { Badge, type BadgeProps, Group } from "@mantine/core";
import {
  IconAlertTriangle,
  IconBan,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconHourglass,
  IconLink,
  IconPlayerPauseFilled,
  IconPlayerPlay,
  IconPlayerPlayFilled,
  IconShieldPause,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import type { Flow } from "../../../shared/model/schemas/flow.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import type { RunStatus } from "../../../shared/model/transitions.ts";

export interface Look {
  readonly color: string;
  readonly variant: NonNullable<BadgeProps["variant"]>;
  readonly Icon: ComponentType<{ size: string; "aria-hidden": true }>;
}

/** A status with its own color and shape, so that it does not depend on color alone. */
export function LookBadge(props: { look: Look; status: string; label?: string; size?: BadgeProps["size"] }) {
  const { look, status, label = status, size = "md" } = props;
  const { color, variant, Icon } = look;
  return (
    <Badge
      color={color}
      variant={variant}
      size={size}
      autoContrast
      miw="max-content"
      tt="none"
      data-status={status}
      leftSection={<Icon size="1em" aria-hidden />}
    >
      {label}
    </Badge>
  );
}

const RUN_LOOKS: Readonly<Record<RunStatus, Look>> = {
  pending: { color: "gray", variant: "light", Icon: IconCircleDashed },
  running: { color: "blue", variant: "filled", Icon: IconPlayerPlayFilled },
  paused: { color: "yellow.5", variant: "filled", Icon: IconPlayerPauseFilled },
  waiting: { color: "grape", variant: "light", Icon: IconHourglass },
  completed: { color: "green", variant: "light", Icon: IconCircleCheck },
  failed: { color: "red", variant: "filled", Icon: IconCircleX },
  cancelled: { color: "gray", variant: "outline", Icon: IconBan },
};

/** A run that an error paused has a look of its own, since it does not go on until somebody mends its cause. */
const HALTED: Look = { color: "orange.5", variant: "filled", Icon: IconAlertTriangle };

export function StatusBadge({
  run: { status, pausedBy },
  size = "md",
}: {
  run: Pick<Run, "status" | "pausedBy">;
  size?: BadgeProps["size"];
}) {
  return isHalted({ status, pausedBy }) ? (
    <LookBadge look={HALTED} status={status} label="paused by an error" size={size} />
  ) : (
    <LookBadge look={RUN_LOOKS[status]} status={status} size={size} />
  );
}

/** Whether the error of a step that failed for good paused the run. */
export const isHalted = ({ status, pausedBy }: Pick<Run, "status" | "pausedBy">): boolean =>
  status === "paused" && pausedBy?.kind === "error";

const FLOW_LOOKS: Readonly<Record<Flow["status"], Look & { readonly label: string }>> = {
  active: { color: "green", variant: "light", Icon: IconPlayerPlay, label: "Active" },
  paused: { color: "yellow.5", variant: "filled", Icon: IconPlayerPauseFilled, label: "Paused" },
  paused_safety: { color: "orange.5", variant: "filled", Icon: IconShieldPause, label: "Paused (safety)" },
};

export function FlowStatusBadge({ status }: { status: Flow["status"] }) {
  return <LookBadge look={FLOW_LOOKS[status]} status={status} label={FLOW_LOOKS[status].label} />;
}

/** Whether Sluice deploys the flow's state machine, or the flow is attached to one; and whether that one has changed. */
export function FlowKind({ flow: { kind, drift } }: { flow: Flow }) {
  if (kind === "managed") return "Managed";
  return (
    <Group gap={6} component="span" wrap="nowrap">
      <IconLink size="1em" aria-hidden />
      {drift ? "Attached, changed" : "Attached"}
    </Group>
  );
}

export type WhenUnreachable = NonNullable<Flow["whenUnreachable"]>;

/** Describes the effect of `whenUnreachable`: the behavior of an attached flow while its gates cannot be called. */
export const UNREACHABLE_TEXTS: Readonly<Record<WhenUnreachable, string>> = {
  pass: "Steps run without gates",
  fail: "The execution fails",
};
