import { Button, Group, Table, Text } from "@mantine/core";
import { useState } from "react";
import { placementText } from "../../../../shared/model/api/incident-report.ts";
import type { Incident } from "../../../../shared/model/schemas/incident.ts";
import { DataTable } from "../../components/data-table.tsx";
import { PageLink } from "../../components/links.tsx";
import { Time } from "../../components/time.tsx";

type IncidentHold = Incident["holds"][number];

const SHOWN = 50;

/** Each flow that the incident holds or has held, and what became of it. */
export function HeldFlows({ workspace, incident }: { workspace: string; incident: Incident }) {
  const [shown, setShown] = useState(SHOWN);
  const { holds, more, progress } = incident;
  if (holds.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {progress === undefined
          ? "No flow is held. One that calls it after a later change is held then."
          : "No flow is held so far."}
      </Text>
    );
  return (
    <>
      <DataTable
        label="Held flows"
        minWidth={720}
        headings={["Flow", "Holds", "State", "Since", "Until", "Runs that stood"]}
      >
        {holds.slice(0, shown).map((hold) => (
          <HeldFlow key={hold.holdId} workspace={workspace} hold={hold} />
        ))}
      </DataTable>
      {holds.length > shown && (
        <Group justify="center">
          <Button variant="default" onClick={() => setShown(shown + SHOWN)}>
            Show more
          </Button>
        </Group>
      )}
      {more && (
        <Text size="sm" c="dimmed">
          There are more. The page of each flow says what holds it.
        </Text>
      )}
    </>
  );
}

function HeldFlow({ workspace, hold }: { workspace: string; hold: IncidentHold }) {
  const { flowId, holdId, steps, unheld, state, since, endedAt, stood, detail } = hold;
  const text = placementText(hold);
  return (
    <Table.Tr data-flow={flowId} data-state={state}>
      <Table.Td className="any-break">
        <PageLink size="sm" to="/$workspace/flows/$flowId" params={{ workspace, flowId }} hash={holdId}>
          {flowId}
        </PageLink>
      </Table.Td>
      <Table.Td className="any-break">
        <div>
          {steps === undefined ? "The whole flow" : steps.join(", ")}
          {unheld !== undefined && (
            <Text size="xs" c="dimmed">
              No gate holds {unheld.join(", ")}: runs still enter there.
            </Text>
          )}
        </div>
      </Table.Td>
      <Table.Td className="any-break">
        <div>
          {text.charAt(0).toUpperCase() + text.slice(1)}
          {detail !== undefined && (
            <Text size="xs" c="dimmed">
              {detail}
            </Text>
          )}
        </div>
      </Table.Td>
      <Table.Td>
        <Time at={since} />
      </Table.Td>
      <Table.Td>
        <Time at={endedAt} />
      </Table.Td>
      <Table.Td>{stood ?? "–"}</Table.Td>
    </Table.Tr>
  );
}
