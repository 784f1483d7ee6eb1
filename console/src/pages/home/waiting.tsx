import { useQuery } from "@tanstack/react-query";
import { firstInboxQuery, firstOwnPausedQuery } from "../../api/home.ts";
import { counted } from "../../components/format.ts";
import { PageLink } from "../../components/links.tsx";
import { Unloaded } from "../../components/states.tsx";
import { Time } from "../../components/time.tsx";
import { Reason } from "../runs/reason.tsx";
import { None, Part, Row } from "./part.tsx";
import { RunHead } from "./run-head.tsx";

const SHOWN = 5;

/** The approvals and forms that wait for the person, and the runs of theirs that are paused. */
export function ForYou({ workspace }: { workspace: string }) {
  const inbox = useQuery(firstInboxQuery(workspace));
  const own = useQuery(firstOwnPausedQuery(workspace));
  const tasks = inbox.data?.items;
  const paused = own.data?.items;
  return (
    <Part
      title="Waits for you"
      all={
        <PageLink size="sm" to="/$workspace/inbox" params={{ workspace }}>
          {tasks === undefined || tasks.length === 0
            ? "Inbox"
            : `Inbox: ${counted(tasks.length, "question")}${inbox.data?.nextCursor === undefined ? "" : " or more"}`}
        </PageLink>
      }
    >
      {tasks === undefined && <Unloaded query={inbox} height={80} label="Loading the inbox" />}
      {tasks?.length === 0 && paused?.length === 0 && <None>Nothing waits for you.</None>}
      {tasks?.slice(0, SHOWN).map((item) => (
        <Row
          key={`${item.runId}/${item.stepId}`}
          head={
            <PageLink size="sm" fw={500} className="any-break" to="/$workspace/inbox" params={{ workspace }}>
              {item.title}
            </PageLink>
          }
        >
          {item.flowId}, {item.name}. Asked <Time at={item.since} />.
        </Row>
      ))}
      {paused?.slice(0, SHOWN).map((run) => (
        <Row key={run.runId} head={<RunHead workspace={workspace} run={run} />}>
          <Reason run={run} />
        </Row>
      ))}
    </Part>
  );
}
