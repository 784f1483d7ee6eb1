import { List, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ApiError } from "../../../../shared/client/api-error.ts";
import type { IncidentPreview } from "../../../../shared/model/schemas/incident.ts";
import { type AskedHolds, incidentPreviewQuery } from "../../api/incidents.ts";
import { counted } from "../../components/format.ts";

const SHOWN = 20;

/** Lists the flows and states that the incident would hold, before it is opened. */
export function HoldsPreview({ workspace, asked }: { workspace: string; asked: AskedHolds }) {
  const preview = useQuery(incidentPreviewQuery(workspace, asked));
  if (preview.data === undefined)
    return (
      <Text size="sm" c="dimmed" role="status">
        {preview.isPending ? "Looking at the flows …" : refusalText(preview.error)}
      </Text>
    );
  const { holds, more } = preview.data;
  return (
    <Stack gap={4} role="region" aria-label="What the incident holds">
      <Text size="sm" fw={500}>
        {holds.length === 0
          ? "No flow calls it. One that does so after a later change is held then."
          : `Holds ${more ? "at least " : ""}${counted(holds.length, "flow")}`}
      </Text>
      <List size="sm" spacing={2}>
        {holds.slice(0, SHOWN).map((hold) => (
          <List.Item key={hold.flowId} className="any-break">
            {lineOf(hold)}
          </List.Item>
        ))}
      </List>
      {holds.length > SHOWN && (
        <Text size="sm" c="dimmed">
          And {counted(holds.length - SHOWN, "flow")} more.
        </Text>
      )}
    </Stack>
  );
}

const refusalText = (error: unknown): string =>
  error instanceof ApiError && error.code === "invalid_request"
    ? error.message
    : "What the incident would hold could not be determined.";

const lineOf = ({ flowId, steps, unheld = [] }: IncidentPreview["holds"][number]): string =>
  `${flowId}: ${steps === undefined ? "the whole flow" : steps.join(", ")}${unheld.length === 0 ? "" : `. Not held, since they have no gate: ${unheld.join(", ")}`}`;
