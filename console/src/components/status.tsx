import { Badge, type BadgeProps } from "@mantine/core";
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

interface Look {
  readonly color: string;
  readonly variant: NonNullable<BadgeProps["variant"]>;
  readonly Icon: typeof IconBan;
}

/** Every status has a shape of its own beside its color. A status without an entry does not compile. */
const STATUS_LOOKS: Readonly<Record<RunStatus, Look>> = {
  pending: { color: "gray", variant: "light", Icon: IconCircleDashed },
  running: { color: "blue", variant: "filled", Icon: IconPlayerPlayFilled },
  paused: { color: "yellow.5", variant: "filled", Icon: IconPlayerPauseFilled },
  waiting: { color: "grape", variant: "light", Icon: IconHourglass },
  completed: { color: "green", variant: "light", Icon: IconCircleCheck },
  failed: { color: "red", variant: "filled", Icon: IconCircleX },
  cancelled: { color: "gray", variant: "outline", Icon: IconBan },
};

export function StatusBadge({ status, size = "md" }: { status: RunStatus; size?: BadgeProps["size"] }) {
  const { color, variant, Icon } = STATUS_LOOKS[status];
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
      {status}
    </Badge>
  );
}
