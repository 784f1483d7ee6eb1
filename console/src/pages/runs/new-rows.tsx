import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Run } from "../../../../shared/model/schemas/run.ts";
import { api } from "../../api/client.ts";
import type { RunsQuery } from "../../api/runs.ts";
import { counted } from "../../components/format.ts";

const POLL_MS = 10_000;
/** Counting stops at this number. */
const MAX_COUNT = 50;

/** Announces new runs instead of moving the rows under the pointer. */
export function NewRows(props: { workspace: string; filter: RunsQuery; newest: Run; onShow: () => void }) {
  const { workspace, filter, newest, onShow } = props;
  const { data } = useQuery({
    queryKey: [workspace, "new-runs", filter, newest.runId],
    queryFn: ({ signal }) =>
      api.listRuns({
        workspace,
        query: { ...filter, createdAfter: newest.createdAt, limit: MAX_COUNT },
        signal,
      }),
    refetchInterval: POLL_MS,
    initialData: { items: [] },
    initialDataUpdatedAt: Date.now(),
    staleTime: POLL_MS,
  });
  const count = data.items.filter(({ runId }) => runId !== newest.runId).length;
  return (
    <Group justify="center" h={30} role="status">
      {count > 0 && (
        <Button size="xs" variant="light" onClick={onShow}>
          {count >= MAX_COUNT ? `${MAX_COUNT} or more new runs` : counted(count, "new run")}
        </Button>
      )}
    </Group>
  );
}
