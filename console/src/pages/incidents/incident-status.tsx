import { IconCircleCheck, IconUrgent } from "@tabler/icons-react";
import type { IncidentStatus } from "../../../../shared/model/holds/incident.ts";
import { type Look, LookBadge } from "../../components/status.tsx";

const LOOKS: Readonly<Record<IncidentStatus, Look & { readonly label: string }>> = {
  open: { color: "red", variant: "filled", Icon: IconUrgent, label: "Open" },
  resolved: { color: "green", variant: "light", Icon: IconCircleCheck, label: "Resolved" },
};

export function IncidentStatusBadge({ status }: { status: IncidentStatus }) {
  return <LookBadge look={LOOKS[status]} status={status} label={LOOKS[status].label} />;
}
