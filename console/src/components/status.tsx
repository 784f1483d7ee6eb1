import type { BadgeProps } from "@mantine/core";
import {
  IconBan,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconHourglass,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
} from "@tabler/icons-react";
import type { RunStatus } from "../../../shared/model/transitions.ts";
import { type Look, LookBadge } from "./look-badge.tsx";

const LOOKS: Readonly<Record<RunStatus, Look>> = {
  pending: { color: "gray", variant: "light", Icon: IconCircleDashed },
  running: { color: "blue", variant: "filled", Icon: IconPlayerPlayFilled },
  paused: { color: "yellow.5", variant: "filled", Icon: IconPlayerPauseFilled },
  waiting: { color: "grape", variant: "light", Icon: IconHourglass },
  completed: { color: "green", variant: "light", Icon: IconCircleCheck },
  failed: { color: "red", variant: "filled", Icon: IconCircleX },
  cancelled: { color: "gray", variant: "outline", Icon: IconBan },
};

export function StatusBadge({ status, size = "md" }: { status: RunStatus; size?: BadgeProps["size"] }) {
  return <LookBadge look={LOOKS[status]} status={status} size={size} />;
}
