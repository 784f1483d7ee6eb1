import { List, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { PausePreview as Preview } from "../../../../../shared/model/api/responses.ts";
import type { Flow } from "../../../../../shared/model/schemas/flow.ts";
import { type PauseBody, pausePreviewQuery } from "../../../api/flows.ts";
import { counted } from "../../../components/format.ts";

/** Says what the pause would hold, before it is confirmed. A failure of the preview does not prevent the pause. */
export function PausePreview(props: { workspace: string; flow: Flow; body: PauseBody }) {
  const { workspace, flow, body } = props;
  const preview = useQuery(pausePreviewQuery(workspace, flow.flowId, body));
  if (preview.data === undefined)
    return (
      <Text size="sm" c="dimmed" role="status">
        {preview.isError ? "What the pause would hold could not be determined." : "Looking at the runs …"}
      </Text>
    );
  return (
    <Stack gap={4} role="region" aria-label="What the pause holds">
      <Text size="sm" fw={500}>
        {body.startAt === undefined ? "What it holds now" : "What it would hold if it began now"}
      </Text>
      <List size="sm" spacing={2}>
        {linesOf(preview.data).map((line) => (
          <List.Item key={line}>{line}</List.Item>
        ))}
      </List>
    </Stack>
  );
}

const linesOf = ({ underWay, inStep, waiting, ...rest }: Preview): string[] => {
  const steps = inStep.map(({ state, runs }) => `${runs} in ${state}`);
  const places = [...steps, ...(waiting === 0 ? [] : [`${waiting} waiting`])];
  const { more, deadlinesMissed, queuedByResume, unheld } = rest;
  return [
    `${counted(underWay, "run")} under way${more === true ? " or more" : ""}${places.length === 0 ? "" : `: ${places.join(", ")}`}`,
    ...(deadlinesMissed === 0
      ? []
      : [`${counted(deadlinesMissed, "waiting run")} would miss the deadline of the flow`]),
    `About ${counted(queuedByResume, "record")} will be queued when it ends`,
    ...(unheld.length === 0 ? [] : [`Not held, since they have no gate: ${unheld.join(", ")}`]),
  ];
};
