import { Button, Group, List, Loader, Progress, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { BulkAction } from "../../../shared/model/bulk.ts";
import { bulkQuery, bulkResultsQuery, useStopBulk } from "../api/bulk.ts";
import { counted } from "../components/format.ts";
import { PageLink } from "../components/links.tsx";
import { Failure } from "../components/states.tsx";
import { failed } from "../components/toasts.ts";

const DONE: Readonly<Record<BulkAction, string>> = {
  pause: "paused",
  resume: "resumed",
  cancel: "cancelled",
  delete: "deleted",
  replay: "replayed",
};

/** The progress of an operation, and finally which runs were skipped and why. */
export function OperationProgress(props: {
  workspace: string;
  bulkId: string;
  action: BulkAction;
  /** Leads back from a dialog. Without it, the progress is part of a page, which shows all results itself. */
  onClose?: () => void;
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
        {`${done.toLocaleString()} of ${counted(matched, "run")}: ${succeeded} ${DONE[action]}`}
        {skipped > 0 && `, ${skipped} skipped`}
        {broken > 0 && `, ${broken} failed`}
        {status === "stopped" && " · stopped"}
        {status === "failed" && ` · failed: ${bulk.data.error ?? ""}`}
      </Text>
      {isOver && skipped + broken > 0 && onClose !== undefined && (
        <Leftovers workspace={workspace} bulkId={bulkId} />
      )}
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
        {onClose !== undefined && (
          <>
            <PageLink
              size="sm"
              to="/$workspace/monitoring/bulk-operations/$bulkId"
              params={{ workspace, bulkId }}
              onClick={onClose}
            >
              Page of this operation
            </PageLink>
            <Button onClick={onClose}>{isOver ? "Close" : "Continue in the background"}</Button>
          </>
        )}
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
