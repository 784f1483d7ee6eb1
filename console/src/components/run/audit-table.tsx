import { Table, Text } from "@mantine/core";
import type { AuditItem } from "../../../../shared/model/schemas/run.ts";
import { DataTable } from "../data-table.tsx";
import { Person } from "../person.tsx";
import { Time } from "../time.tsx";

/** The changes of a run or a flow: when, by whom, which action, and why. */
export function AuditTable({ label, items }: { label: string; items: readonly AuditItem[] }) {
  return (
    <DataTable label={label} minWidth={560} headings={["Time", "Actor", "Action", "Status", "Reason"]}>
      {items.map((item) => (
        // Several changes of a flow can have one revision, for example those of a hold and of the caps that it meets.
        <Table.Tr key={`${item.rev} ${item.action} ${item.at}`}>
          <Table.Td>
            <Time at={item.at} />
          </Table.Td>
          <Table.Td>
            {item.actor.kind === "user" ? (
              <Person id={item.actor.id} />
            ) : (
              `${item.actor.kind} ${item.actor.id}`
            )}
          </Table.Td>
          <Table.Td>
            {item.action}
            <Note text={item.moved && movedText(item.moved)} />
            <Note text={item.steps && `of ${item.steps.join(", ")}`} />
          </Table.Td>
          <Table.Td>{item.from === undefined ? item.to : `${item.from} → ${item.to}`}</Table.Td>
          <Table.Td>
            <Text size="sm" className="any-break">
              {item.reason}
            </Text>
          </Table.Td>
        </Table.Tr>
      ))}
    </DataTable>
  );
}

const Note = ({ text }: { text: string | undefined }) =>
  text !== undefined && (
    <Text size="xs" c="dimmed" className="any-break">
      {text}
    </Text>
  );

/** Where a resume sent the run; an empty name is the end of the flow. */
const movedText = ({ from, at, version }: NonNullable<AuditItem["moved"]>): string =>
  `from ${placeText(from)} to ${placeText(at)} of version ${version}`;

const placeText = (state: string): string => (state === "" ? "the end" : `“${state}”`);
