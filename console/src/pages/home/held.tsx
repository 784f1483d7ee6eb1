import { Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import type { Page } from "../../../../shared/client/pages.ts";
import type { Flow } from "../../../../shared/model/schemas/flow.ts";
import { useMay, useNameOf } from "../../api/people.ts";
import { counted } from "../../components/format.ts";
import { FlowLink, PageLink } from "../../components/links.tsx";
import { Unloaded } from "../../components/states.tsx";
import { FlowStatusBadge } from "../../components/status.tsx";
import { Time } from "../../components/time.tsx";
import { HoldIncident } from "../flow/holds/hold-incident.tsx";
import { type Hold, holdText } from "../flow/holds/hold-title.ts";
import { None, Part, Row } from "./part.tsx";

const HoldActions = lazy(async () => ({
  default: (await import("../flow/holds/hold-actions.tsx")).HoldActions,
}));
const SHOWN = 5;

/** The holds of all flows: what each holds, who placed it and why, and the way to lift it. */
export function Held({ workspace, flows }: { workspace: string; flows: UseQueryResult<Page<Flow>> }) {
  const holds = flows.data?.items.flatMap((flow) => flow.holds.map((hold) => ({ flow, hold })));
  const more = (holds?.length ?? 0) - SHOWN;
  return (
    <Part
      title="Held flows"
      all={
        <PageLink size="sm" to="/$workspace/flows" params={{ workspace }}>
          All flows
        </PageLink>
      }
    >
      {holds === undefined && <Unloaded query={flows} height={80} label="Loading flows" />}
      {holds?.length === 0 && <None>No flow is held.</None>}
      {holds?.slice(0, SHOWN).map(({ flow, hold }) => (
        <HeldRow key={hold.holdId} workspace={workspace} flow={flow} hold={hold} />
      ))}
      {more > 0 && <None>And {counted(more, "hold")} more.</None>}
      {flows.data?.nextCursor !== undefined && (
        <None>Only the first {flows.data.items.length} flows were looked at.</None>
      )}
    </Part>
  );
}

function HeldRow({ workspace, flow, hold }: { workspace: string; flow: Flow; hold: Hold }) {
  const mayLift = useMay("hold-flows");
  return (
    <Row
      head={
        <>
          <FlowLink workspace={workspace} flowId={flow.flowId} />
          <FlowStatusBadge status={flow.status} />
        </>
      }
      beside={
        mayLift && (
          <Suspense>
            <HoldActions workspace={workspace} flow={flow} hold={hold} />
          </Suspense>
        )
      }
    >
      {holdText(flow, hold, useNameOf())} <HoldIncident workspace={workspace} hold={hold} />
      <Text size="xs" c="dimmed" component="div">
        Since <Time at={hold.since} />
        {hold.steps === undefined && `, ${counted(flow.queued, "record")} queued`}.{" "}
        {hold.resumeAt !== undefined && (
          <>
            Ends by itself <Time at={hold.resumeAt} />.{" "}
          </>
        )}
        {!mayLift && "Operators and administrators can lift it."}
      </Text>
    </Row>
  );
}
