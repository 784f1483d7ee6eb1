import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { attributeFilter } from "../../../../shared/model/attributes.ts";
import type { Run } from "../../../../shared/model/schemas/run.ts";
import { starterName } from "../../../../shared/model/started-by.ts";
import { replaysQuery } from "../../api/runs.ts";
import { Fact, Facts } from "../../components/fact.tsx";
import { FlowLink, PageLink, RunLink } from "../../components/links.tsx";
import { Person } from "../../components/person.tsx";
import { Duration, Time } from "../../components/time.tsx";

export function Overview({ workspace, run }: { workspace: string; run: Run }) {
  const execution = executionConsoleUrl(run.executionArn);
  return (
    <Facts columns={5}>
      <Fact name="Flow">
        <FlowLink workspace={workspace} flowId={run.flowId} />
      </Fact>
      <Fact name="Version">{run.flowVersion}</Fact>
      <Fact name="Started by">
        <Person id={starterName(run)} />
      </Fact>
      <Fact name="Created">
        <Time at={run.createdAt} />
      </Fact>
      <Fact name="Started">
        <Time at={run.startedAt} />
      </Fact>
      <Fact name="Ended">
        <Time at={run.endedAt} />
      </Fact>
      <Fact name="Duration">
        <Duration from={run.startedAt} to={run.endedAt} />
      </Fact>
      <Fact name="Current step">{run.currentStep ?? "–"}</Fact>
      {run.waitingOn !== undefined && (
        <Fact name="Waiting on">
          {run.waitingOn.kind}
          {run.waitingOn.until !== undefined && (
            <>
              {" until "}
              <Time at={run.waitingOn.until} />
            </>
          )}
        </Fact>
      )}
      {run.failureId !== undefined && (
        <Fact name="Failure group">
          <PageLink
            size="sm"
            className="any-break"
            to="/$workspace/monitoring/workflow-runs"
            params={{ workspace }}
            search={{ failure: run.failureId }}
          >
            {run.failureId}
          </PageLink>
        </Fact>
      )}
      {Object.entries(run.attributes ?? {}).map(([name, value]) => (
        <Fact key={name} name={name}>
          <PageLink
            size="sm"
            className="any-break"
            to="/$workspace/monitoring/workflow-runs"
            params={{ workspace }}
            search={attributeFilter(name, value)}
          >
            {value}
          </PageLink>
        </Fact>
      ))}
      {run.replayOf !== undefined && (
        <Fact name="Replay of">
          <RunLink workspace={workspace} runId={run.replayOf} />
        </Fact>
      )}
      <Replays workspace={workspace} run={run} />
      {execution !== undefined && (
        <Fact name="Execution">
          <Anchor size="sm" href={execution} target="_blank" rel="noreferrer">
            Open in the AWS console
          </Anchor>
        </Fact>
      )}
    </Facts>
  );
}

function Replays({ workspace, run }: { workspace: string; run: Run }) {
  const { data = [] } = useQuery(replaysQuery(workspace, run));
  if (data.length === 0) return null;
  return (
    <Fact name="Replayed by">
      {data.slice(0, 5).map(({ runId }) => (
        <div key={runId}>
          <RunLink workspace={workspace} runId={runId} />
        </div>
      ))}
    </Fact>
  );
}

/** The local stack's account. */
const LOCAL_ACCOUNT = "000000000000";

/** Address of an execution in the AWS console; undefined for executions of the local stack. */
const executionConsoleUrl = (executionArn: string | undefined): string | undefined => {
  const [, , , region, account] = executionArn?.split(":") ?? [];
  if (executionArn === undefined || region === undefined || account === LOCAL_ACCOUNT) return undefined;
  return `https://${region}.console.aws.amazon.com/states/home?region=${region}#/v2/executions/details/${executionArn}`;
};
