import { Anchor, Badge, Button, Group, Stack, Switch, Table, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Run } from "../../../../../shared/model/schemas/run.ts";
import { runQuery } from "../../../api/runs.ts";
import { type ListedStep, lastCompletedQuery, stepsQuery } from "../../../api/steps.ts";
import { DataTable } from "../../../components/data-table.tsx";
import { durationText } from "../../../components/format.ts";
import { RunLink } from "../../../components/links.tsx";
import { Unloaded } from "../../../components/states.tsx";
import { StatusBadge } from "../../../components/status.tsx";
import { alignSteps, isDifferent, type Pair } from "./align.ts";
import { StepDiff } from "./step-diff.tsx";

/** Rows that are shown at first, and with each request for more. */
const ROWS = 200;

interface CompareProps {
  readonly workspace: string;
  readonly run: Run;
  /** The id of the other run. */
  readonly other: string | undefined;
  readonly onChoose: (runId: string | undefined) => void;
}

/** Compares the run with another one, step by step. */
export default function Compare({ workspace, run, other, onChoose }: CompareProps) {
  return (
    <Stack gap="sm">
      <Others {...{ workspace, run, other, onChoose }} />
      {other !== undefined && <Comparison key={other} {...{ workspace, run, other }} />}
    </Stack>
  );
}

/** Offers the run that this one replays, the newest that succeeded, or any. */
function Others({ workspace, run, other, onChoose }: CompareProps) {
  const [id, setId] = useState(other ?? "");
  const last = useQuery(lastCompletedQuery(workspace, run));
  const choose = (runId: string) => {
    setId(runId);
    onChoose(runId);
  };
  const { replayOf } = run;
  return (
    <Group align="flex-end" gap="xs">
      <TextInput
        label="Compare with run"
        placeholder="Run id"
        value={id}
        onChange={(event) => setId(event.currentTarget.value.trim())}
        onKeyDown={(event) => event.key === "Enter" && id !== "" && onChoose(id)}
        w={320}
        maw="100%"
      />
      <Button variant="default" disabled={id === "" || id === run.runId} onClick={() => onChoose(id)}>
        Compare
      </Button>
      {replayOf !== undefined && (
        <Button variant="default" onClick={() => choose(replayOf)}>
          The run that it replays
        </Button>
      )}
      {last.data !== undefined && last.data !== null && (
        <Button variant="default" onClick={() => last.data && choose(last.data.runId)}>
          The last one that succeeded
        </Button>
      )}
    </Group>
  );
}

function Comparison({ workspace, run, other }: { workspace: string; run: Run; other: string }) {
  const otherRun = useQuery(runQuery(workspace, other));
  const own = useQuery(stepsQuery(workspace, run.runId));
  const others = useQuery(stepsQuery(workspace, other));
  const [all, setAll] = useState(false);
  const [shown, setShown] = useState(ROWS);
  const [open, setOpen] = useState<string>();
  if (otherRun.data === undefined) return <Unloaded query={otherRun} height={80} label="Loading the run" />;
  if (own.data === undefined) return <Unloaded query={own} height={80} label="Loading the steps" />;
  if (others.data === undefined) return <Unloaded query={others} height={80} label="Loading the steps" />;
  const pairs = alignSteps(own.data, others.data);
  const different = pairs.filter(isDifferent);
  const rows = all ? pairs : different;
  const isOpen = pairs.find(({ key }) => key === open);
  return (
    <Stack gap="sm">
      <Group gap="xs">
        <RunLink workspace={workspace} runId={other} />
        <StatusBadge run={otherRun.data} />
        <Text size="sm">{`version ${otherRun.data.flowVersion}`}</Text>
        {otherRun.data.flowVersion !== run.flowVersion && (
          <Text size="sm">{`(this run: version ${run.flowVersion})`}</Text>
        )}
        {otherRun.data.flowId !== run.flowId && (
          <Text size="sm">{`Another flow: ${otherRun.data.flowId}`}</Text>
        )}
      </Group>
      <Group gap="md">
        <Text size="sm" role="status">
          {different.length === 0
            ? `All ${pairs.length.toLocaleString()} steps are alike.`
            : `${different.length.toLocaleString()} of ${pairs.length.toLocaleString()} steps differ.`}
        </Text>
        <Switch
          size="sm"
          label="Show all steps"
          checked={all}
          onChange={(event) => setAll(event.currentTarget.checked)}
        />
      </Group>
      {rows.length > 0 && (
        <DataTable
          label="Comparison"
          minWidth={560}
          headings={["Step", "This run", "Other run", "Longer by", "Differs in"]}
        >
          {rows.slice(0, shown).map((pair) => (
            <Row key={pair.key} pair={pair} onOpen={() => setOpen(pair.key)} />
          ))}
        </DataTable>
      )}
      {rows.length > shown && (
        <Button variant="default" onClick={() => setShown(shown + ROWS)}>
          Show more
        </Button>
      )}
      {isOpen?.own !== undefined && isOpen.other !== undefined && (
        <StepDiff
          key={isOpen.key}
          {...{ workspace }}
          own={{ runId: run.runId, step: isOpen.own }}
          other={{ runId: other, step: isOpen.other }}
        />
      )}
    </Stack>
  );
}

function Row({ pair, onOpen }: { pair: Pair; onOpen: () => void }) {
  const { name, branch, visit, own, other, differs } = pair;
  const label = [name, branch, visit > 1 ? `visit ${visit}` : undefined].filter(Boolean).join(" · ");
  const lengths = [own, other].map(lengthOf);
  const [mine, its] = lengths;
  return (
    <Table.Tr>
      <Table.Td className="any-break">
        {own !== undefined && other !== undefined ? (
          <Anchor component="button" type="button" size="sm" ta="start" onClick={onOpen}>
            {label}
          </Anchor>
        ) : (
          label
        )}
      </Table.Td>
      <Table.Td>{sideText(own, mine)}</Table.Td>
      <Table.Td>{sideText(other, its)}</Table.Td>
      <Table.Td style={{ fontVariantNumeric: "tabular-nums" }}>
        {mine === undefined || its === undefined || mine === its
          ? "–"
          : `${mine < its ? "−" : ""}${durationText(Math.abs(mine - its))}`}
      </Table.Td>
      <Table.Td>
        <Group gap={4}>
          {differs.map((part) => (
            <Badge
              key={part}
              variant="light"
              color={part === "status" || part === "error" ? "red" : "blue"}
              tt="none"
            >
              {part}
            </Badge>
          ))}
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

const lengthOf = (step: ListedStep | undefined): number | undefined =>
  step?.endedAt === undefined ? undefined : Date.parse(step.endedAt) - Date.parse(step.startedAt);

const sideText = (step: ListedStep | undefined, length: number | undefined): string => {
  if (step === undefined) return "not there";
  return length === undefined ? step.status : `${step.status}, ${durationText(length)}`;
};
