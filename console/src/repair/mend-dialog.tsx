import { Button, Checkbox, Grid, Group, Modal, Skeleton, Stack, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { ApiError } from "../../../shared/client/api-error.ts";
import type { FlowVersion } from "../../../shared/model/schemas/flow.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { flowQuery, versionQuery } from "../api/flows.ts";
import { runQuery, useControlRun } from "../api/runs.ts";
import { type ListedStep, stepsQuery } from "../api/steps.ts";
import { ReasonField } from "../components/form-dialog.tsx";
import { HelpLink } from "../components/links.tsx";
import { Failure } from "../components/states.tsx";
import { useUnsaved } from "../components/unsaved.ts";
import { StateGraph, StateSelect } from "../graph/choose-state.tsx";
import { marksOf } from "../graph/state-marks.ts";
import { hasBranches, readScope, variablesOf } from "../graph/states.ts";
import { DataFields } from "./data-fields.tsx";
import { effectOf, isMove, type MendForm, missingIn, requestOf, type Way } from "./mend-request.ts";
import { PlaceFields } from "./place-fields.tsx";
import { useRecorded } from "./recorded.ts";
import { Refusal } from "./refusal.tsx";
import { Rehearsal } from "./rehearsal.tsx";
import { isAwaited, isMendable, standOf, visitOf } from "./stand.ts";

const GRAPH_HEIGHT = 380;

export interface MendDialogProps {
  readonly workspace: string;
  readonly run: Run;
  /** The choice that led here. */
  readonly way: Way;
  /** The refusal of a plain resume that led here. */
  readonly refusal?: ApiError | undefined;
  readonly onClose: () => void;
}

/** The general form of a resume: at which state, with which data, on which version. */
export default function MendDialog(props: MendDialogProps) {
  const { workspace, onClose } = props;
  // A list is not read again while the dialog is open, so the dialog reads its run itself.
  const { data: run = props.run } = useQuery(runQuery(workspace, props.run.runId));
  const isNarrow = useMediaQuery("(max-width: 48em)");
  const { guard, watch } = useUnsaved();
  const steps = useQuery(stepsQuery(workspace, run.runId));
  const flow = useQuery(flowQuery(workspace, run.flowId));
  const own = useQuery(versionQuery(workspace, run.flowId, run.flowVersion));
  const failure = steps.error ?? flow.error ?? own.error;
  return (
    <Modal opened onClose={onClose} title="Mend workflow run" size={1180} fullScreen={isNarrow} {...guard}>
      {failure !== null && <Failure error={failure} />}
      {failure === null &&
        (steps.data === undefined || flow.data === undefined || own.data === undefined) && (
          <Skeleton height={420} />
        )}
      {steps.data !== undefined && flow.data !== undefined && own.data !== undefined && (
        <div {...watch}>
          <Form {...props} run={run} steps={steps.data} own={own.data} latest={flow.data.version} />
        </div>
      )}
    </Modal>
  );
}

interface FormProps extends MendDialogProps {
  readonly steps: readonly ListedStep[];
  readonly own: FlowVersion;
  /** The active version; 0 if there is none. */
  readonly latest: number;
}

function Form({ workspace, run, steps, own, latest, onClose, ...props }: FormProps) {
  const stand = standOf(run, steps, readScope(own.definition));
  const [way, setWay] = useState(props.way);
  const [at, setAt] = useState<string>();
  const [version, setVersion] = useState<"same" | "latest">("same");
  /** Edited texts by the field and the state whose data it holds. */
  const [texts, setTexts] = useState<Readonly<{ [key: string]: string }>>({});
  const [oneStep, setOneStep] = useState(false);
  const [leaves, setLeaves] = useState(false);
  const [reason, setReason] = useState("");
  const target = useQuery(
    versionQuery(workspace, run.flowId, version === "latest" ? latest : run.flowVersion),
  );
  const definition = target.data?.definition;
  const { states } = readScope(definition);
  const marks = useMemo(() => marksOf(steps, undefined), [steps]);
  const before = useRecorded(workspace, run.runId, stand.input);
  const visit = way === "elsewhere" ? visitOf(steps, at) : undefined;
  const visited = useRecorded(workspace, run.runId, visit && { step: visit, part: "input" });
  const original = visit === undefined ? before : visited;
  const field = `${way} ${at ?? ""}`;
  const type = states.find(({ name }) => name === stand.state)?.type ?? "";
  const form: MendForm = {
    ...{ way, at, version, oneStep, reason, leaves, state: stand.state, recorded: before.text },
    isAwaited: isAwaited(run),
    hasBranches: hasBranches(type),
    input: texts[field] ?? original.text ?? "",
    output: texts["output"] ?? "",
    variables: texts["variables"] ?? "",
  };
  const write = (name: string) => (text: string) => {
    setTexts((all) => ({ ...all, [name]: text }));
  };
  const choose = (state: string) => {
    if (state === stand.state && way !== "skip") setWay("again");
    else {
      setWay("elsewhere");
      setAt(state);
    }
  };
  // What the person saw: the run as it was at first, or as it was shown after a refusal.
  const [seen] = useState(run.rev);
  const control = useControlRun(workspace, run.runId, () => true);
  const send = (override: boolean) =>
    control.mutate(
      {
        action: "resume",
        rev: control.isError ? run.rev : seen,
        body: { ...requestOf(form), ...(override ? { override } : {}) },
      },
      { onSuccess: onClose },
    );
  const refusal = control.error ?? props.refusal;
  // Another version may not have the state at which the run stopped.
  const isLost = way !== "elsewhere" && stand.state !== undefined && definition !== undefined && type === "";
  const missing = isLost
    ? `Version ${target.data?.version} has no state “${stand.state}”. Choose another state at which to continue.`
    : missingIn(form);
  const isOver = !isMendable(run);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send(false);
      }}
    >
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack>
            <PlaceFields
              {...{ run, way, state: stand.state, version, latest }}
              onWay={setWay}
              onVersion={setVersion}
            />
            {way === "elsewhere" && <StateSelect definition={definition} state={at} onChoose={choose} />}
            <DataFields
              key={field}
              {...{ form, variables: variablesOf(definition), isPending: original.isPending }}
              original={original.text}
              target={way === "elsewhere" ? at : stand.state}
              onInput={write(field)}
              onOutput={write("output")}
              onVariables={write("variables")}
            />
            <Checkbox
              label="Pause again after one step"
              checked={oneStep}
              onChange={(event) => setOneStep(event.currentTarget.checked)}
            />
            {form.isAwaited && isMove(form) && (
              <Checkbox
                label="Leave the execution that somebody else started"
                description="Whoever waits for that execution sees it aborted."
                checked={leaves}
                onChange={(event) => setLeaves(event.currentTarget.checked)}
              />
            )}
            <ReasonField value={reason} onChange={setReason} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <StateGraph
            {...{ definition, marks }}
            state={way === "elsewhere" ? at : stand.state}
            onChoose={choose}
            height={GRAPH_HEIGHT}
          />
          <Rehearsal
            {...{ workspace, runId: run.runId }}
            body={requestOf(form)}
            disabled={missing !== undefined || original.isPending}
          />
        </Grid.Col>
      </Grid>
      <Stack className="dialog-end" gap="sm" mt="md">
        <Text size="sm" role="status">
          {missing ?? effectOf(form, latest)}
        </Text>
        {refusal !== undefined && refusal !== null && (
          <Refusal error={refusal} isOver={isOver} busy={control.isPending} onOverride={() => send(true)} />
        )}
        <Group justify="space-between">
          <HelpLink document="mending-a-run">Mending a run</HelpLink>
          <Group>
            <Button variant="default" onClick={onClose}>
              Back
            </Button>
            <Button
              type="submit"
              loading={control.isPending}
              disabled={missing !== undefined || isOver || original.isPending}
            >
              {way === "skip" ? "Skip and resume" : "Resume run"}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}
