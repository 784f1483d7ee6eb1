import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lastFailuresQuery } from "../../api/home.ts";
import { counted } from "../../components/format.ts";
import { FlowLink, PageLink } from "../../components/links.tsx";
import { Unloaded } from "../../components/states.tsx";
import { Time } from "../../components/time.tsx";
import { None, Part, Row } from "./part.tsx";

const SHOWN = 5;

/** The largest groups of failures of the last day. */
export function Failed({ workspace }: { workspace: string }) {
  const groups = useQuery(lastFailuresQuery(workspace));
  return (
    <Part
      title="Failed most in 24 hours"
      all={
        <PageLink
          size="sm"
          to="/$workspace/monitoring/failures"
          params={{ workspace }}
          search={{ since: "P1D" }}
        >
          All failures
        </PageLink>
      }
    >
      {groups.data === undefined && <Unloaded query={groups} height={80} label="Loading failures" />}
      {groups.data?.length === 0 && <None>Nothing failed.</None>}
      {groups.data?.slice(0, SHOWN).map(({ failureId, flowId, error, state, cause, count, lastAt }) => (
        <Row
          key={failureId}
          head={
            <>
              <PageLink
                size="sm"
                fw={500}
                className="any-break"
                to="/$workspace/monitoring/workflow-runs"
                params={{ workspace }}
                search={{ failure: failureId }}
              >
                {counted(count, "run")}: {error}
                {state !== "" && ` in ${state}`}
              </PageLink>
              <FlowLink workspace={workspace} flowId={flowId} />
            </>
          }
        >
          <Text size="sm" lineClamp={2}>
            {cause}
          </Text>
          <Text size="xs" c="dimmed">
            Last <Time at={lastAt} />
          </Text>
        </Row>
      ))}
    </Part>
  );
}
