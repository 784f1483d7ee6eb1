import { Paper, SimpleGrid, Text } from "@mantine/core";
import { useQueries, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { MAX_PAGE } from "../../../../shared/model/limits.ts";
import { COUNTED, type CountedStatus, dayAgo, lastFailuresQuery, statusQuery } from "../../api/home.ts";

const LABELS: Readonly<Record<CountedStatus, string>> = {
  running: "Running",
  pending: "Pending",
  waiting: "Waiting",
  paused: "Paused",
  completed: "Completed, 24 hours",
};

/** The number of runs in each status. Each leads to the list of these runs. */
export function Counts({ workspace }: { workspace: string }) {
  const pages = useQueries({ queries: COUNTED.map((status) => statusQuery(workspace, status)) });
  const groups = useQuery(lastFailuresQuery(workspace)).data;
  const failed = groups?.reduce((sum, { count, paused }) => sum + count - paused, 0);
  return (
    <SimpleGrid cols={{ base: 2, xs: 3, lg: 6 }} component="section" aria-label="Runs by status">
      {COUNTED.map((status, index) => {
        const page = pages[index]?.data;
        return (
          <Paper
            key={status}
            withBorder
            p="sm"
            renderRoot={(props) => (
              <Link
                to="/$workspace/monitoring/workflow-runs"
                params={{ workspace }}
                search={{ status: [status], ...(status === "completed" ? { createdAfter: dayAgo() } : {}) }}
                {...props}
              />
            )}
            className="count"
          >
            <Count
              label={LABELS[status]}
              count={page?.items.length}
              isMore={page?.nextCursor !== undefined}
            />
          </Paper>
        );
      })}
      <Paper
        withBorder
        p="sm"
        renderRoot={(props) => (
          <Link
            to="/$workspace/monitoring/failures"
            params={{ workspace }}
            search={{ since: "P1D" }}
            {...props}
          />
        )}
        className="count"
      >
        <Count label="Failed, 24 hours" count={failed} isMore={groups?.length === MAX_PAGE} />
      </Paper>
    </SimpleGrid>
  );
}

function Count(props: { label: string; count: number | undefined; isMore: boolean }) {
  const { label, count, isMore } = props;
  return (
    <>
      <Text size="xs" c="dimmed">
        {label}
      </Text>{" "}
      <Text size="xl" fw={600} style={{ fontVariantNumeric: "tabular-nums" }}>
        {count === undefined ? "–" : `${count.toLocaleString()}${isMore ? "+" : ""}`}
      </Text>
    </>
  );
}
