import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconFeather, IconStairsUp } from "@tabler/icons-react";
import type { Flow } from "../../../../../shared/model/schemas/flow.ts";
import { useChangeFlow } from "../../../api/flows.ts";
import { useMay } from "../../../api/people.ts";
import { counted, durationText } from "../../../components/format.ts";
import { HelpLink, RunLink } from "../../../components/links.tsx";
import { Time, useNow } from "../../../components/time.tsx";
import { toasts } from "../../../components/toasts.ts";

const TITLES = {
  running: "A few runs go first",
  passed: "The runs that went first are through",
  failed: "The resume was stopped: the runs that went first did not get through",
} as const;
const COLORS = { running: "blue", passed: "green", failed: "red" } as const;

interface CanaryProps {
  readonly workspace: string;
  readonly flow: Flow;
  readonly canary: NonNullable<Flow["canary"]>;
}

/** The runs of a canary, how far they are, and how it ended. */
export function CanaryBanner({ workspace, flow, canary }: CanaryProps) {
  const { state, runs, through, until, reason } = canary;
  const left = Date.parse(until) - useNow(true);
  return (
    <Alert color={COLORS[state]} icon={<IconFeather aria-hidden />} title={TITLES[state]} data-canary={state}>
      <Stack gap={4}>
        {state === "running" && (
          <Text size="sm">
            {through} of {counted(runs.length, "run")} through. The rest follows when all have completed, or
            wait for a timer or a person; time left: {left > 0 ? durationText(left) : "none"} (
            <Time at={until} />
            ).
          </Text>
        )}
        {reason !== undefined && <Text size="sm">{reason}</Text>}
        <Group gap="xs">
          {runs.map((runId) => (
            <RunLink key={runId} workspace={workspace} runId={runId} size="xs" />
          ))}
        </Group>
        {state === "running" && <StopResume workspace={workspace} flow={flow} />}
        <HelpLink document="pausing-a-flow">How a paused flow resumes</HelpLink>
      </Stack>
    </Alert>
  );
}

/** A pause stops a canary, whose holds stay as they are, and a ramp, of which the rest stays parked or queued. */
function StopResume({ workspace, flow }: Pick<CanaryProps, "workspace" | "flow">) {
  const change = useChangeFlow(workspace, flow.flowId);
  if (!useMay("hold-flows")) return null;
  const stop = () =>
    change.mutate(
      { rev: flow.rev, change: { kind: "pause", body: {} } },
      toasts("Resume stopped", "Failed to stop the resume", () => undefined),
    );
  return (
    <Group>
      <Button size="xs" variant="default" loading={change.isPending} onClick={stop}>
        Stop the resume
      </Button>
    </Group>
  );
}

/** The rate of a resume that began slowly, and what ends or stops it. */
export function RampBanner(props: { workspace: string; flow: Flow; ramp: NonNullable<Flow["ramp"]> }) {
  const { workspace, flow, ramp } = props;
  const { rate, to, endsAt, stopOn, failures = 0 } = ramp;
  const left = Date.parse(endsAt) - useNow(true);
  return (
    <Alert color="blue" icon={<IconStairsUp aria-hidden />} title={`Resuming slowly: ${rate} a second`}>
      <Stack gap={4}>
        <Text size="sm" style={{ fontVariantNumeric: "tabular-nums" }}>
          Grows to {to} a second {left > 0 ? `in ${durationText(left)}` : "any moment now"} (
          <Time at={endsAt} />
          ). New records are queued until then. Stopping pauses the flow.
        </Text>
        {stopOn && (
          <Text size="sm">
            {counted(failures, "failure")} since the resume. {stopOn.failures}
            {stopOn.percent === undefined ? "" : `, and ${stopOn.percent} % of the runs that ended,`} hold the
            flow again.
          </Text>
        )}
        <StopResume workspace={workspace} flow={flow} />
        <HelpLink document="pausing-a-flow">How a paused flow resumes</HelpLink>
      </Stack>
    </Alert>
  );
}
