import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Run } from "../../../../shared/model/schemas/run.ts";
import { call } from "../../api/client.ts";
import type { Page } from "../../api/pages.ts";

const LOOK_MS = 10_000;
/** More are not counted. */
const MOST = 50;

/** Says that there are new runs instead of pushing the rows down under the pointer. */
export function NewRows(props: {
  workspace: string;
  filter: Readonly<Record<string, string | undefined>>;
  newest: Run;
  onShow: () => void;
}) {
  const { workspace, filter, newest, onShow } = props;
  const { data } = useQuery({
    queryKey: [workspace, "new-runs", filter, newest.runId],
    queryFn: ({ signal }) =>
      call<Page<Run>>(workspace, "/runs", {
        query: { ...filter, createdAfter: newest.createdAt, limit: MOST },
        signal,
      }),
    refetchInterval: LOOK_MS,
    initialData: { items: [] },
    initialDataUpdatedAt: Date.now(),
    staleTime: LOOK_MS,
  });
  const count = data.items.filter(({ runId }) => runId !== newest.runId).length;
  return (
    <Group justify="center" h={30} role="status">
      {count > 0 && (
        <Button size="xs" variant="light" onClick={onShow}>
          {count >= MOST ? `${MOST} or more new runs` : count === 1 ? "1 new run" : `${count} new runs`}
        </Button>
      )}
    </Group>
  );
}
