import { Button, Table, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { IncidentSummary } from "../../../../shared/model/schemas/incident.ts";
import { incidentsQuery } from "../../api/incidents.ts";
import { useMay } from "../../api/people.ts";
import { DataTable, ShowMore } from "../../components/data-table.tsx";
import { HelpLink, PageLink } from "../../components/links.tsx";
import { Page } from "../../components/page.tsx";
import { Person } from "../../components/person.tsx";
import { Empty, Failure, Loading } from "../../components/states.tsx";
import { Time } from "../../components/time.tsx";
import { heldText } from "./held-text.ts";
import { IncidentStatusBadge } from "./incident-status.tsx";
import { OpenDialog } from "./open-dialog.tsx";

/** The incidents of the workspace, newest first. Operators and administrators open one. */
export function IncidentsPage() {
  const { workspace } = useParams({ from: "/inside/$workspace/incidents" });
  const list = useInfiniteQuery(incidentsQuery(workspace));
  const mayHold = useMay("hold-flows");
  const [isOpening, setIsOpening] = useState(false);
  const incidents = list.data?.pages.flatMap((page) => page.items);
  return (
    <Page
      size="xl"
      title="Incidents"
      actions={mayHold && <Button onClick={() => setIsOpening(true)}>Open an incident</Button>}
    >
      <Text size="sm" c="dimmed">
        An incident holds every step that calls what is broken, in all flows, until it is resolved.
      </Text>
      <div>
        <HelpLink document="incidents">How incidents work</HelpLink>
      </div>
      {list.isPending && <Loading height={240} label="Loading incidents" />}
      {list.isError && incidents === undefined && <Failure error={list.error} retry={() => list.refetch()} />}
      {incidents?.length === 0 && (
        <Empty title="No incidents">
          When something that your flows call is down, open an incident: one action instead of a pause in each
          flow.
        </Empty>
      )}
      {incidents !== undefined && incidents.length > 0 && (
        <IncidentsTable workspace={workspace} incidents={incidents} />
      )}
      <ShowMore list={list} />
      {isOpening && <OpenDialog workspace={workspace} onClose={() => setIsOpening(false)} />}
    </Page>
  );
}

function IncidentsTable(props: { workspace: string; incidents: readonly IncidentSummary[] }) {
  const { workspace, incidents } = props;
  return (
    <DataTable
      label="Incidents"
      minWidth={760}
      headings={["Status", "Incident", "Holds", "Opened", "By", "Resolved"]}
    >
      {incidents.map((incident) => {
        const { incidentId, title, openedAt, by, resolvedAt } = incident;
        return (
          <Table.Tr key={incidentId}>
            <Table.Td>
              <IncidentStatusBadge status={incident.status} />
            </Table.Td>
            <Table.Td className="any-break">
              <PageLink size="sm" to="/$workspace/incidents/$incidentId" params={{ workspace, incidentId }}>
                {title}
              </PageLink>
            </Table.Td>
            <Table.Td className="any-break">{heldText(incident)}</Table.Td>
            <Table.Td>
              <Time at={openedAt} />
            </Table.Td>
            <Table.Td>
              <Person id={by} />
            </Table.Td>
            <Table.Td>{resolvedAt === undefined ? "Not yet" : <Time at={resolvedAt} />}</Table.Td>
          </Table.Tr>
        );
      })}
    </DataTable>
  );
}
