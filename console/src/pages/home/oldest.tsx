import { useQueries } from "@tanstack/react-query";
import { statusQuery } from "../../api/home.ts";
import { useMay, useNameOf } from "../../api/people.ts";
import { PageLink } from "../../components/links.tsx";
import { Loading } from "../../components/states.tsx";
import { Time } from "../../components/time.tsx";
import { reasonOf } from "../runs/why.ts";
import { DispatchCommand } from "./dispatch-command.tsx";
import { None, Part, Row } from "./part.tsx";
import { RunHead } from "./run-head.tsx";

const UNDER_WAY = ["running", "pending", "waiting"] as const;
const SHOWN = 5;

/** The runs that have been under way longest. Without any, the way to start one of the flow. */
export function Oldest({ workspace, flowId }: { workspace: string; flowId: string | undefined }) {
  const mayDispatch = useMay("dispatch");
  const nameOf = useNameOf();
  const pages = useQueries({ queries: UNDER_WAY.map((status) => statusQuery(workspace, status)) });
  const runs = pages.flatMap(({ data }) => data?.items ?? []);
  const oldest = runs.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt)).slice(0, SHOWN);
  const isCut = pages.some(({ data }) => data?.nextCursor !== undefined);
  return (
    <Part
      title="Longest under way"
      all={
        <PageLink
          size="sm"
          to="/$workspace/monitoring/workflow-runs"
          params={{ workspace }}
          search={{ status: [...UNDER_WAY] }}
        >
          All under way
        </PageLink>
      }
    >
      {pages.some(({ isPending }) => isPending) && <Loading height={80} label="Loading runs" />}
      {runs.length === 0 && pages.every(({ isSuccess }) => isSuccess) && (
        <None>
          No run is under way.{" "}
          {flowId !== undefined && mayDispatch && (
            <>
              Dispatch a record: <DispatchCommand flowId={flowId} />
            </>
          )}
        </None>
      )}
      {oldest.map((run) => (
        <Row key={run.runId} head={<RunHead workspace={workspace} run={run} />}>
          Created <Time at={run.createdAt} />. {reasonOf(run, nameOf) || run.currentStep}
        </Row>
      ))}
      {isCut && <None>Only the newest runs of each status were looked at.</None>}
    </Part>
  );
}
