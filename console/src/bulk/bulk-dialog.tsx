import { Alert, Button, Group, Loader, Modal, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { BulkAction, BulkOptions } from "../../../shared/model/bulk.ts";
import type { Bulk } from "../../../shared/model/schemas/bulk.ts";
import { type BulkTarget, bulkPreviewQuery, useStartBulk } from "../api/bulk.ts";
import { ReasonField } from "../components/form-dialog.tsx";
import { counted } from "../components/format.ts";
import { Failure } from "../components/states.tsx";
import { failed } from "../components/toasts.ts";
import { useUnsaved } from "../components/unsaved.ts";
import { ReplayOptions, ResumeOptions } from "./bulk-options.tsx";
import { OperationProgress } from "./bulk-progress.tsx";
import { Places } from "./places.tsx";
import { VERBS } from "./verbs.ts";

const LOST: Readonly<Partial<Record<BulkAction, string>>> = {
  cancel: "This will cancel all pending and running steps. This action cannot be undone.",
  delete:
    "This permanently deletes the runs with their payloads, steps, outputs and audit trails. Those that have not ended do not continue, and their remaining steps never happen. This action cannot be undone.",
};
/** A replay says where it begins; other actions do what they say. */
const NO_OPTIONS: BulkOptions = {};
const FROM_START: BulkOptions = { from: "start", version: "latest" };

export interface BulkDialogProps {
  readonly workspace: string;
  readonly action: BulkAction;
  readonly target: BulkTarget;
  /** @param changed whether an operation was started */
  readonly onClose: (changed: boolean) => void;
}

/** One action for many runs: the count, then the progress, and finally which runs were skipped and why. */
export default function BulkDialog({ workspace, action, target, onClose }: BulkDialogProps) {
  const [bulkId, setBulkId] = useState<string>();
  const { guard, watch } = useUnsaved();
  const verb = VERBS[action];
  return (
    <Modal
      opened
      onClose={() => onClose(bulkId !== undefined)}
      title={`${verb} runs${bulkId === undefined ? "?" : ""}`}
      centered
      size="lg"
      {...(bulkId === undefined ? guard : {})}
    >
      <div {...watch}>
        {bulkId === undefined ? (
          <Confirmation
            workspace={workspace}
            action={action}
            target={target}
            onStarted={(bulk) => setBulkId(bulk.bulkId)}
            onBack={() => onClose(false)}
          />
        ) : (
          <OperationProgress
            workspace={workspace}
            bulkId={bulkId}
            action={action}
            onClose={() => onClose(true)}
          />
        )}
      </div>
    </Modal>
  );
}

function Confirmation(
  props: Omit<BulkDialogProps, "onClose"> & { onStarted: (bulk: Bulk) => void; onBack: () => void },
) {
  const { workspace, action, target, onStarted, onBack } = props;
  const [reason, setReason] = useState("");
  const [options, setOptions] = useState(action === "replay" ? FROM_START : NO_OPTIONS);
  const [isComplete, setIsComplete] = useState(true);
  const choose = (chosen: BulkOptions, complete: boolean) => {
    setOptions(chosen);
    setIsComplete(complete);
  };
  const preview = useQuery(
    bulkPreviewQuery(
      workspace,
      useMemo(() => ({ action, target, options }), [action, target, options]),
    ),
  );
  const startBulk = useStartBulk(workspace);
  // A second click or a retry starts nothing twice; a different reason or choice makes it a different request.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key changes with the request
  const key = useMemo(() => crypto.randomUUID(), [reason, options]);
  const verb = options.giveUp === true ? "Give up" : VERBS[action];
  const lost = LOST[action];
  const count = preview.data?.possible ?? preview.data?.matched;
  const flows = new Set(preview.data?.places?.map(({ flowId }) => flowId));
  const [only] = flows.size === 1 ? flows : [];
  const start = () =>
    startBulk.mutate(
      { request: { action, target, options, reason: reason.trim() }, key },
      {
        onSuccess: onStarted,
        onError: (error) => failed(`Failed to ${verb.toLowerCase()} the runs`, error),
      },
    );
  return (
    <Stack>
      {action === "resume" && (
        <ResumeOptions
          {...{ workspace, options }}
          flowId={"filter" in target ? (target.filter.flowId ?? only) : only}
          onChange={choose}
        />
      )}
      {action === "replay" && <ReplayOptions options={options} onChange={choose} />}
      {preview.isError && <Failure error={preview.error} retry={() => preview.refetch()} />}
      {preview.isPending && <Loader aria-label="Counting runs" />}
      {preview.data !== undefined && (
        <Text>{questionOf(verb, preview.data.matched, count ?? 0, preview.data.more === true)}</Text>
      )}
      {preview.data?.places !== undefined && <Places places={preview.data.places} />}
      {lost !== undefined && count !== 0 && (
        <Alert color="red">
          <Text size="sm">{lost}</Text>
        </Alert>
      )}
      <ReasonField value={reason} onChange={setReason} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
        <Button
          onClick={start}
          loading={startBulk.isPending}
          disabled={!isComplete || count === undefined || count === 0}
          {...(lost === undefined && options.giveUp !== true ? {} : { color: "red" })}
        >
          {count === undefined ? `${verb} runs` : `${verb} ${counted(count, "run")}`}
        </Button>
      </Group>
    </Stack>
  );
}

/** Asks for the confirmation, with the numbers of the preview. */
const questionOf = (verb: string, matched: number, count: number, more: boolean): string => {
  if (matched === 0) return "No runs match any longer.";
  if (count < matched)
    return `${counted(matched, "run")} ${matched === 1 ? "matches" : "match"}. ${verb} ${count.toLocaleString()} of them?`;
  return `${verb} ${counted(count, "run")}${more ? " and all further ones that match" : ""}?`;
};
