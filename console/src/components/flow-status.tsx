import { IconPlayerPauseFilled, IconPlayerPlay, IconShieldPause } from "@tabler/icons-react";
import type { Flow } from "../../../shared/model/schemas/flow.ts";
import { type Look, LookBadge } from "./look-badge.tsx";

const LOOKS: Readonly<Record<Flow["status"], Look & { readonly label: string }>> = {
  active: { color: "green", variant: "light", Icon: IconPlayerPlay, label: "Active" },
  paused: { color: "yellow.5", variant: "filled", Icon: IconPlayerPauseFilled, label: "Paused" },
  paused_safety: { color: "orange.5", variant: "filled", Icon: IconShieldPause, label: "Paused (safety)" },
};

export function FlowStatusBadge({ status }: { status: Flow["status"] }) {
  return <LookBadge look={LOOKS[status]} status={status} label={LOOKS[status].label} />;
}
