import { Alert, Button, Group, List, Loader, Modal, Progress, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { BulkAction } from "../../../shared/model/bulk.ts";
import type { Bulk } from "../../../shared/model/schemas/bulk.ts";
import {
  type BulkTarget,
  bulkPreviewQuery,
  bulkQuery,
  bulkResultsQuery,
  useStartBulk,
  useStopBulk,
} from "../api/bulk.ts";
import { ReasonField } from "../components/form-dialog.tsx";
import { counted } from "../components/format.ts";
import { Failure } from "../components/states.tsx";
import { failed } from "../components/toasts.ts";

const WORDS: Readonly<Record<BulkAction, { verb: string; done: string; lost?: string }>> = {
  pause: { verb: "Pause", done: "paused" },
  resume: { verb: "Resume", done: "resumed" },
  cancel: {
    verb: "Cancel",
    done: "cancelled",
    lost: "This will cancel all pending and running steps. This action cannot be undone.",
  },
  delete: {
    verb: "Delete",
    done: "deleted",
    lost: "This permanently deletes the runs with their payloads, steps, outputs and audit trails. The runs do not continue, and their remaining steps never happen. This action cannot be undone.",
  },
  replay: { verb: "Replay", done: "replayed" },
};

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
  const { verb } = WORDS[action];
  return (
    <Modal
      opened
      onClose={() => onClose(bulkId !== undefined)}
      title={`${verb} runs${bulkId === undefined ? "?" : ""}`}
      centered
      size="lg"
    >
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
    </Modal>
  );
}

function Confirmation(
  props: Omit<BulkDialogProps, "onClose"> & { onStarted: (bulk: Bulk) => void; onBack: () => void },
) {
  const { workspace, action, target, onStarted, onBack } = props;
  const [reason, setReason] = useState("");
  const preview = useQuery(
    bulkPreviewQuery(
      workspace,
      useMemo(() => ({ action, target }), [action, target]),
    ),
  );
  const startBulk = useStartBulk(workspace);
  // A second click or a retry starts nothing twice; a different reason makes it a different request.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key changes with the reason
  const key = useMemo(() => crypto.randomUUID(), [reason]);
  const { verb, lost } = WORDS[action];
  if (preview.isError) return <Failure error={preview.error} retry={() => preview.refetch()} />;
  if (preview.data === undefined) return <Loader aria-label="Counting runs" />;
  const { matched } = preview.data;
  const start = () =>
    startBulk.mutate(
      { request: { action, target, reason: reason.trim() }, key },
      {
        onSuccess: onStarted,
        onError: (error) => failed(`Failed to ${verb.toLowerCase()} the runs`, error),
      },
    );
  return (
    <Stack>
      <Text>{matched === 0 ? "No runs match any longer." : `${verb} ${counted(matched, "run")}?`}</Text>
      {lost !== undefined && matched > 0 && (
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
          disabled={matched === 0}
          {...(lost === undefined ? {} : { color: "red" })}
        >
          {`${verb} ${counted(matched, "run")}`}
        </Button>
      </Group>
    </Stack>
  );
}

function OperationProgress(props: {
  workspace: string;
  bulkId: string;
  action: BulkAction;
  onClose: () => void;
}) {
  const { workspace, bulkId, action, onClose } = props;
  const bulk = useQuery(bulkQuery(workspace, bulkId));
  const stop = useStopBulk(workspace, bulkId);
  if (bulk.data === undefined)
    return bulk.isError ? <Failure error={bulk.error} /> : <Loader aria-label="Loading" />;
  const { status, matched, succeeded, skipped, failed: broken } = bulk.data;
  const done = succeeded + skipped + broken;
  const isOver = status !== "running";
  return (
    <Stack>
      <Progress
        value={matched === 0 ? 100 : (done / matched) * 100}
        size="lg"
        animated={!isOver}
        aria-label="Processed runs"
      />
      <Text role="status" style={{ fontVariantNumeric: "tabular-nums" }}>
        {`${done.toLocaleString()} of ${counted(matched, "run")}: ${succeeded} ${WORDS[action].done}`}
        {skipped > 0 && `, ${skipped} skipped`}
        {broken > 0 && `, ${broken} failed`}
        {status === "stopped" && " · stopped"}
        {status === "failed" && ` · failed: ${bulk.data.error ?? ""}`}
      </Text>
      {isOver && skipped + broken > 0 && <Leftovers workspace={workspace} bulkId={bulkId} />}
      <Group justify="flex-end">
        {!isOver && (
          <Button
            variant="default"
            loading={stop.isPending}
            onClick={() =>
              stop.mutate(undefined, { onError: (error) => failed("Failed to stop the operation", error) })
            }
          >
            Stop
          </Button>
        )}
        <Button onClick={onClose}>{isOver ? "Close" : "Continue in the background"}</Button>
      </Group>
    </Stack>
  );
}

/** The runs that were not changed, and why. */
function Leftovers({ workspace, bulkId }: { workspace: string; bulkId: string }) {
  const results = useQuery(bulkResultsQuery(workspace, bulkId));
  const left = results.data?.items.filter(({ outcome }) => outcome !== "succeeded") ?? [];
  return (
    <List size="sm" mah={240} style={{ overflow: "auto" }} tabIndex={0} aria-label="Skipped and failed runs">
      {left.map(({ runId, outcome, detail, code }) => (
        <List.Item key={runId}>
          <Text span ff="monospace" size="sm">
            {runId}
          </Text>
          {` ${outcome}: ${detail ?? code ?? ""}`}
        </List.Item>
      ))}
    </List>
  );
}
