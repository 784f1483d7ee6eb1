import { Checkbox, Skeleton, Stack, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useMemo, useState } from "react";
import type { RequestOf } from "../../../../shared/client/operations.ts";
import type { Run } from "../../../../shared/model/schemas/run.ts";
import { api } from "../../api/client.ts";
import { versionQuery } from "../../api/flows.ts";
import { stepsQuery } from "../../api/steps.ts";
import { Choice, VersionChoice } from "../../components/choice.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { parsedJson } from "../../components/json-field.tsx";
import { HelpLink } from "../../components/links.tsx";
import { failed, succeeded } from "../../components/toasts.ts";
import { StateGraph, StateSelect } from "../../graph/choose-state.tsx";
import { useRecorded } from "../../repair/recorded.ts";
import { visitOf } from "../../repair/stand.ts";
import { ReplayEffect } from "./replay-effect.tsx";

const JsonEditor = lazy(() => import("../../editor/json-editor.tsx"));
const HEIGHT = 260;

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
  const [wanted, setWanted] = useState<"same" | "latest">();
  const [isEdited, setIsEdited] = useState(false);
  /** Edited texts by the state whose input they are; "" for the start. */
  const [texts, setTexts] = useState<Readonly<{ [state: string]: string }>>({});
  const begin = from === "start" ? "" : from === "state" ? state : run.error?.state;
  const recorded = useOriginal(workspace, run, begin, isEdited);
  const payload = texts[begin ?? ""] ?? recorded.text ?? "";
  // From a step, the same version is the safe choice: another one may not have the step.
  const chosenVersion = wanted ?? (from === "start" ? "latest" : "same");
  const version = useQuery({
    ...versionQuery(workspace, run.flowId, run.flowVersion),
    enabled: from === "state",
  });
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
      <Choice
        label="From"
        value={from}
        options={[
          { value: "start", label: "The start" },
          {
            value: "failed-step",
            label: run.error?.state ? `The failed step: ${run.error.state}` : "The failed step",
            disabled: run.status !== "failed",
          },
          { value: "state", label: "Another state, with its original input" },
        ]}
        onChange={setFrom}
      />
      {from === "state" && (
        <Stack gap="xs">
          <StateSelect definition={version.data?.definition} state={state} onChoose={setState} />
          <StateGraph
            definition={version.data?.definition}
            state={state}
            onChoose={setState}
            height={HEIGHT}
          />
        </Stack>
      )}
      <VersionChoice value={chosenVersion} same={`Same (version ${run.flowVersion})`} onChange={setWanted} />
      <ReplayEffect workspace={workspace} runId={run.runId} from={body.from} version={chosenVersion} />
      <Checkbox
        label={from === "start" ? "Edit the payload" : "Edit the input"}
        checked={isEdited}
        onChange={(event) => setIsEdited(event.currentTarget.checked)}
      />
      {isEdited && recorded.isPending && <Skeleton height={96} />}
      {isEdited && !recorded.isPending && (
        <Suspense fallback={<Skeleton height={96} />}>
          <JsonEditor
            key={begin}
            label={from === "start" ? "Payload" : "Input"}
            description={
              recorded.text === undefined
                ? "Sluice has not recorded the input of this state as that of a step. Enter all of it."
                : "As recorded. Changes are marked."
            }
            value={payload}
            original={recorded.text}
            onChange={(text) => setTexts((all) => ({ ...all, [begin ?? ""]: text }))}
          />
        </Suspense>
      )}
    </FormDialog>
  );
}

/** The data with which the run began at the state: its payload, or the recorded input of the step. */
const useOriginal = (workspace: string, run: Run, state: string | undefined, enabled: boolean) => {
  const isStep = state !== "";
  const steps = useQuery({ ...stepsQuery(workspace, run.runId), enabled: enabled && isStep });
  const step = isStep ? visitOf(steps.data ?? [], state) : undefined;
  const recorded = useRecorded(workspace, run.runId, step && { step, part: "input" });
  if (!isStep) return { text: JSON.stringify(run.payload, null, 2), isPending: false };
  return { ...recorded, isPending: steps.isPending || recorded.isPending };
};

type ReplayBody = Omit<NonNullable<RequestOf<"replayRun">["body"]>, "dryRun">;

const useReplay = (workspace: string, runId: string) => {
  const navigate = useNavigate();
  return useMutation({
    mutationFn: ({ body, key }: { body: ReplayBody; key: string }) =>
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
