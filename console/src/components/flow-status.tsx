import { Badge } from "@mantine/core";
import { IconPlayerPauseFilled, IconPlayerPlay, IconShieldPause } from "@tabler/icons-react";
import type { Flow } from "../../../shared/model/schemas/flow.ts";

const LOOKS = {
  active: { color: "green", variant: "light", Icon: IconPlayerPlay, label: "Active" },
  paused: { color: "yellow.5", variant: "filled", Icon: IconPlayerPauseFilled, label: "Paused" },
  paused_safety: { color: "orange.5", variant: "filled", Icon: IconShieldPause, label: "Paused (safety)" },
} as const satisfies Record<Flow["status"], object>;

export function FlowStatusBadge({ status }: { status: Flow["status"] }) {
  const { color, variant, Icon, label } = LOOKS[status];
  return (
    <Badge
      color={color}
      variant={variant}
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
