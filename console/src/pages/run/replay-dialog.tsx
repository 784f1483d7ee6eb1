import {
  Button,
  Checkbox,
  Group,
  JsonInput,
  Modal,
  Radio,
  Select,
  Skeleton,
  Stack,
  Text,
} from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useMemo, useState } from "react";
import type { Run } from "../../../../shared/model/schemas/run.ts";
import { call } from "../../api/client.ts";
import { versionQuery } from "../../api/flows.ts";
import { HelpLink } from "../../components/help-link.tsx";
import { parsedJson } from "../../components/parsed-json.ts";
import { failed, succeeded } from "../../components/toasts.ts";
import { readScope } from "../../graph/states.ts";

const FlowGraph = lazy(() => import("../../graph/flow-graph.tsx"));

type From = "start" | "failed-step" | "state";

export interface ReplayDialogProps {
  readonly workspace: string;
  readonly run: Run;
  readonly onClose: () => void;
}

/** A fresh run from the start, from the failed step or from a chosen state; the old run stays as it is. */
export function ReplayDialog({ workspace, run, onClose }: ReplayDialogProps) {
  const [from, setFrom] = useState<From>(run.status === "failed" ? "failed-step" : "start");
  const [state, setState] = useState<string>();
  const [version, setVersion] = useState<"same" | "latest">();
  const [isEdited, setIsEdited] = useState(false);
  const [payload, setPayload] = useState(() => JSON.stringify(run.payload, null, 2));
  // From a step the same version is the safe one: another may not have the step.
  const chosenVersion = version ?? (from === "start" ? "latest" : "same");
  const replay = useReplay(workspace, run.runId);
  const body = {
    from: from === "state" ? state : from,
    version: chosenVersion,
    ...(isEdited ? { payload: parsedJson(payload)?.value } : {}),
  };
  // A second click or a retry starts nothing twice; another wish is another run.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key belongs to the wish
  const key = useMemo(() => crypto.randomUUID(), [from, state, chosenVersion, isEdited, payload]);
  const isReady =
    (from !== "state" || state !== undefined) && (!isEdited || parsedJson(payload) !== undefined);
  return (
    <Modal opened onClose={onClose} title="Replay workflow run" centered size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          replay.mutate({ body, key });
        }}
      >
        <Stack>
          <Text size="sm">
            A replay is a fresh run with an id of its own. This run stays as it is.{" "}
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
              <Radio value="state" label="A chosen state, with the input that it had" />
            </Stack>
          </Radio.Group>
          {from === "state" && (
            <ChooseState workspace={workspace} run={run} state={state} onChoose={setState} />
          )}
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
            label={from === "start" ? "Edit the payload" : "Give it another input"}
            checked={isEdited}
            onChange={(event) => setIsEdited(event.currentTarget.checked)}
          />
          {isEdited && (
            <JsonInput
              label={from === "start" ? "Payload" : "Input"}
              value={payload}
              onChange={setPayload}
              validationError="This is not JSON"
              autosize
              minRows={5}
              maxRows={16}
              styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
            />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Back
            </Button>
            <Button type="submit" loading={replay.isPending} disabled={!isReady}>
              Replay run
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

const useReplay = (workspace: string, runId: string) => {
  const navigate = useNavigate();
  return useMutation({
    mutationFn: ({ body, key }: { body: Readonly<Record<string, unknown>>; key: string }) =>
      call<Run>(workspace, `/runs/${runId}/replay`, { method: "POST", body, idempotencyKey: key }),
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

/** By the picture or by the list, which a keyboard reaches. Only a top-level state can be a start. */
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
