import { Button, SimpleGrid, Stack, Table, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMemo } from "react";
import { type Reading, withGaps } from "../../../api/readings.ts";
import { DataTable } from "../../../components/data-table.tsx";
import { durationText } from "../../../components/format.ts";
import { Time } from "../../../components/time.tsx";
import { type Line, LineChart } from "./line-chart.tsx";

/** A line before its values are taken from the readings. */
interface Measure {
  readonly name: string;
  readonly color: Line["color"];
  readonly dashed?: boolean;
  readonly of: (reading: Reading) => number;
}

/** Rows of the table: the latest quarter of an hour. */
const MAX_ROWS = 30;

/** A flow's health since its page was opened, as charts and as a table. */
export default function HealthCharts({ readings }: { readings: readonly Reading[] }) {
  const [isTable, { toggle }] = useDisclosure(false);
  const first = readings[0];
  if (first === undefined) return null;
  return (
    <Stack gap="xs" mt="md" data-readings={readings.length}>
      <Text size="sm" c="dimmed">
        Read about every 30 seconds while this page is open, since{" "}
        <Time at={new Date(first.at).toISOString()} absolute />. Sluice keeps no earlier figures; a gap means
        that nothing was read.
      </Text>
      <Charts readings={readings} />
      <div>
        <Button size="compact-sm" variant="default" aria-expanded={isTable} onClick={toggle}>
          {isTable ? "Hide the table" : "Show as a table"}
        </Button>
      </div>
      {isTable && <ReadingsTable readings={readings} />}
    </Stack>
  );
}

function Charts({ readings }: { readings: readonly Reading[] }) {
  const { times, charts } = useMemo(() => chartsOf(readings), [readings]);
  return (
    <SimpleGrid cols={{ base: 1, md: 3 }}>
      {charts.map(({ title, lines }) => (
        <LineChart key={title} title={title} summary={summaryOf(title, lines)} times={times} lines={lines} />
      ))}
    </SimpleGrid>
  );
}

const chartsOf = (readings: readonly Reading[]) => {
  const spaced = withGaps(readings);
  // A gap stands between the readings beside it.
  const times = spaced.map(
    (reading, index) => reading?.at ?? ((spaced[index - 1]?.at ?? 0) + (spaced[index + 1]?.at ?? 0)) / 2,
  );
  const linesOf = (measures: readonly Measure[]): Line[] =>
    measures.map(({ of, ...line }) => ({
      ...line,
      values: spaced.map((reading) => (reading === undefined ? null : of(reading))),
    }));
  const unit = unitFor(Math.max(...readings.flatMap(({ paused, queued }) => [paused, queued])));
  const charts = [
    {
      title: `Longest wait, in ${unit.name}`,
      lines: linesOf([
        { name: "Paused run", color: "blue", of: ({ paused }) => paused / unit.ms },
        { name: "Queued record", color: "orange", dashed: true, of: ({ queued }) => queued / unit.ms },
      ]),
    },
    {
      title: "Growth of the queue, in records a minute",
      lines: linesOf([{ name: "Growth", color: "blue", of: ({ growth }) => growth }]),
    },
    {
      title: "Failed runs in the last minute",
      lines: linesOf([{ name: "Failed", color: "red", of: ({ failedInMinute }) => failedInMinute }]),
    },
  ];
  return { times, charts };
};

const UNITS = [
  { name: "days", ms: 86_400_000 },
  { name: "hours", ms: 3_600_000 },
  { name: "minutes", ms: 60_000 },
] as const;
/** The unit in which the time is at least three. */
const unitFor = (longest: number) => UNITS.find(({ ms }) => longest >= 3 * ms) ?? UNITS[2];

const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** Says in words what a chart shows: the latest, lowest and highest value of each line. */
const summaryOf = (title: string, lines: readonly Line[]): string => {
  const texts = lines.map(({ name, values }) => {
    const known = values.filter((value) => value !== null);
    const [now, low, high] = [known.at(-1) ?? 0, Math.min(...known), Math.max(...known)];
    return `${name}: now ${NUMBER.format(now)}, between ${NUMBER.format(low)} and ${NUMBER.format(high)}`;
  });
  return `${title}. ${texts.join(". ")}.`;
};

function ReadingsTable({ readings }: { readings: readonly Reading[] }) {
  return (
    <DataTable
      label="Readings of the health"
      minWidth={640}
      headings={[
        "Read",
        "Paused longest for",
        "Queued longest for",
        "Growth a minute",
        "Failed in a minute",
        "Failed in an hour",
        "Overdue",
      ]}
    >
      {readings
        .slice(-MAX_ROWS)
        .reverse()
        .map((reading) => (
          <Table.Tr key={reading.at}>
            <Table.Td>
              <Time at={new Date(reading.at).toISOString()} absolute />
            </Table.Td>
            <Table.Td>{reading.paused === 0 ? "–" : durationText(reading.paused)}</Table.Td>
            <Table.Td>{reading.queued === 0 ? "–" : durationText(reading.queued)}</Table.Td>
            <Table.Td>{NUMBER.format(reading.growth)}</Table.Td>
            <Table.Td>{reading.failedInMinute}</Table.Td>
            <Table.Td>{reading.failedInHour}</Table.Td>
            <Table.Td>{reading.overdue}</Table.Td>
          </Table.Tr>
        ))}
    </DataTable>
  );
}
