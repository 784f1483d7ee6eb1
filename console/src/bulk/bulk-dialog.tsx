import { Alert, Button, Group, List, Loader, Modal, Progress, Stack, Text, TextInput } from "@mantine/core";
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
    lost: "The runs are gone for ever, with their payloads, steps, outputs and audit trails. What was still to be done in them never happens. This action cannot be undone.",
  },
  replay: { verb: "Replay", done: "replayed" },
};

const runsText = (count: number): string => (count === 1 ? "1 run" : `${count.toLocaleString()} runs`);

export interface BulkDialogProps {
  readonly workspace: string;
  readonly action: BulkAction;
  readonly target: BulkTarget;
  /** `changed`: whether anything was begun. */
  readonly onClose: (changed: boolean) => void;
}

/** One action for many runs: first how many, then the progress, at last what was skipped and why. */
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
        <Asking
          workspace={workspace}
          action={action}
          target={target}
          onBegun={(bulk) => setBulkId(bulk.bulkId)}
          onBack={() => onClose(false)}
        />
      ) : (
        <Working workspace={workspace} bulkId={bulkId} action={action} onClose={() => onClose(true)} />
      )}
    </Modal>
  );
}

function Asking(
  props: Omit<BulkDialogProps, "onClose"> & { onBegun: (bulk: Bulk) => void; onBack: () => void },
) {
  const { workspace, action, target, onBegun, onBack } = props;
  const [reason, setReason] = useState("");
  const preview = useQuery(
    bulkPreviewQuery(
      workspace,
      useMemo(() => ({ action, target }), [action, target]),
    ),
  );
  const begin = useStartBulk(workspace);
  // A second click or a retry begins nothing twice; another reason is another request.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key belongs to the reason
  const key = useMemo(() => crypto.randomUUID(), [reason]);
  const { verb, lost } = WORDS[action];
  if (preview.isError) return <Failure error={preview.error} retry={() => preview.refetch()} />;
  if (preview.data === undefined) return <Loader aria-label="Counting the runs" />;
  const { matched } = preview.data;
  const start = () =>
    begin.mutate(
      { request: { action, target, reason: reason.trim() }, key },
      {
        onSuccess: onBegun,
        onError: (error) => failed(`Failed to ${verb.toLowerCase()} the runs`, error),
      },
    );
  return (
    <Stack>
      <Text>{matched === 0 ? "No run matches any more." : `${verb} ${runsText(matched)}?`}</Text>
      {lost !== undefined && matched > 0 && (
        <Alert color="red">
          <Text size="sm">{lost}</Text>
        </Alert>
      )}
      <TextInput
        label="Reason (optional)"
        value={reason}
        maxLength={1_000}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Group justify="flex-end">
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
        <Button
          onClick={start}
          loading={begin.isPending}
          disabled={matched === 0}
          {...(lost === undefined ? {} : { color: "red" })}
        >
          {`${verb} ${runsText(matched)}`}
        </Button>
      </Group>
    </Stack>
  );
}

function Working(props: { workspace: string; bulkId: string; action: BulkAction; onClose: () => void }) {
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
        aria-label="Runs done"
      />
      <Text role="status" style={{ fontVariantNumeric: "tabular-nums" }}>
        {`${done.toLocaleString()} of ${runsText(matched)}: ${succeeded} ${WORDS[action].done}`}
        {skipped > 0 && `, ${skipped} skipped`}
        {broken > 0 && `, ${broken} failed`}
        {status === "stopped" && " · stopped"}
        {status === "failed" && ` · failed: ${bulk.data.error ?? ""}`}
      </Text>
      {isOver && skipped + broken > 0 && <LeftOut workspace={workspace} bulkId={bulkId} />}
      <Group justify="flex-end">
        {!isOver && (
          <Button
            variant="default"
            loading={stop.isPending}
            onClick={() => stop.mutate(undefined, { onError: (error) => failed("Failed to stop", error) })}
          >
            Stop
          </Button>
        )}
        <Button onClick={onClose}>{isOver ? "Close" : "Go on in the background"}</Button>
      </Group>
    </Stack>
  );
}

/** Why runs were left as they are. */
function LeftOut({ workspace, bulkId }: { workspace: string; bulkId: string }) {
  const results = useQuery(bulkResultsQuery(workspace, bulkId));
  const left = results.data?.items.filter(({ outcome }) => outcome !== "succeeded") ?? [];
  return (
    <List size="sm" mah={240} style={{ overflow: "auto" }} tabIndex={0} aria-label="Runs left as they are">
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
