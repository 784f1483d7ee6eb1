import { Checkbox, Group, Radio, Select, Skeleton, Stack, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useMemo, useState } from "react";
import type { RequestOf } from "../../../../shared/client/operations.ts";
import type { Run } from "../../../../shared/model/schemas/run.ts";
import { api } from "../../api/client.ts";
import { versionQuery } from "../../api/flows.ts";
import { FormDialog } from "../../components/form-dialog.tsx";
import { JsonField, parsedJson } from "../../components/json-field.tsx";
import { HelpLink } from "../../components/links.tsx";
import { failed, succeeded } from "../../components/toasts.ts";
import { readScope } from "../../graph/states.ts";

const FlowGraph = lazy(() => import("../../graph/flow-graph.tsx"));

type From = "start" | "failed-step" | "state";

export interface ReplayDialogProps {
  readonly workspace: string;
  readonly run: Run;
  readonly onClose: () => void;
}

/** Starts a new run from the start, the failed step or another state. The old run stays unchanged. */
export function ReplayDialog({ workspace, run, onClose }: ReplayDialogProps) {
  const [from, setFrom] = useState<From>(run.status === "failed" ? "failed-step" : "start");
  const [state, setState] = useState<string>();
  const [version, setVersion] = useState<"same" | "latest">();
  const [isEdited, setIsEdited] = useState(false);
  const [payload, setPayload] = useState(() => JSON.stringify(run.payload, null, 2));
  // From a step, the same version is the safe choice: another one may not have the step.
  const chosenVersion = version ?? (from === "start" ? "latest" : "same");
  const replay = useReplay(workspace, run.runId);
  const body = {
    from: from === "state" ? state : from,
    version: chosenVersion,
    ...(isEdited ? { payload: parsedJson(payload)?.value } : {}),
  };
  // A second click or a retry starts nothing twice; a different request is a different run.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key changes with the request
  const key = useMemo(() => crypto.randomUUID(), [from, state, chosenVersion, isEdited, payload]);
  const isReady =
    (from !== "state" || state !== undefined) && (!isEdited || parsedJson(payload) !== undefined);
  return (
    <FormDialog
      title="Replay workflow run"
      confirm="Replay run"
      size="lg"
      busy={replay.isPending}
      disabled={!isReady}
      onClose={onClose}
      onConfirm={() => replay.mutate({ body, key })}
    >
      <Text size="sm">
        A replay is a fresh run with its own id. This run stays unchanged.{" "}
        <HelpLink document="replaying-a-run">Replaying a run</HelpLink>
      </Text>
      <Radio.Group label="From" value={from} onChange={(value) => setFrom(value as From)}>
        <Stack gap="xs" mt={4}>
          <Radio value="start" label="The start" />
          <Radio
            value="failed-step"
            label={run.error?.state ? `The failed step: ${run.error.state}` : "The failed step"}
            disabled={run.status !== "failed"}
          />
          <Radio value="state" label="Another state, with its original input" />
        </Stack>
      </Radio.Group>
      {from === "state" && <ChooseState workspace={workspace} run={run} state={state} onChoose={setState} />}
      <Radio.Group
        label="Version"
        value={chosenVersion}
        onChange={(value) => setVersion(value === "same" ? "same" : "latest")}
      >
        <Group mt={4}>
          <Radio value="latest" label="Latest" />
          <Radio value="same" label={`Same (version ${run.flowVersion})`} />
        </Group>
      </Radio.Group>
      <Checkbox
        label={from === "start" ? "Edit the payload" : "Edit the input"}
        checked={isEdited}
        onChange={(event) => setIsEdited(event.currentTarget.checked)}
      />
      {isEdited && (
        <JsonField label={from === "start" ? "Payload" : "Input"} value={payload} onChange={setPayload} />
      )}
    </FormDialog>
  );
}

const useReplay = (workspace: string, runId: string) => {
  const navigate = useNavigate();
  return useMutation({
    mutationFn: ({ body, key }: { body: RequestOf<"replayRun">["body"]; key: string }) =>
      api.replayRun({ workspace, runId, body, idempotencyKey: key }),
    onSuccess: (fresh) => {
      succeeded("Workflow run replayed");
      navigate({
        to: "/$workspace/monitoring/workflow-runs/$runId",
        params: { workspace, runId: fresh.runId },
      });
    },
    onError: (error) => failed("Failed to replay workflow run", error),
  });
};

/** Chooses a state in the graph or, by keyboard, in the list. A replay can start only from a top-level state. */
function ChooseState(props: {
  workspace: string;
  run: Run;
  state: string | undefined;
  onChoose: (state: string) => void;
}) {
  const { workspace, run, state, onChoose } = props;
  const version = useQuery(versionQuery(workspace, run.flowId, run.flowVersion));
  const names = useMemo(
    () => readScope(version.data?.definition).states.map(({ name }) => name),
    [version.data],
  );
  if (version.data === undefined) return <Skeleton height={300} />;
  return (
    <Stack gap="xs">
      <Select
        label="State"
        data={names}
        value={state ?? null}
        onChange={(name) => name && onChoose(name)}
        searchable
      />
      <Suspense fallback={<Skeleton height={260} />}>
        <FlowGraph
          definition={version.data.definition}
          selected={state}
          onSelect={(name) => names.includes(name) && onChoose(name)}
          height={260}
        />
      </Suspense>
    </Stack>
  );
}
