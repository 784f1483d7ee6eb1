import { Alert, Checkbox, List, NativeSelect, Stack, Table, Text, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { AttachReport } from "../../../../shared/model/errors.ts";
import type { Flow } from "../../../../shared/model/schemas/flow.ts";
import { useAttachFlow } from "../../api/flows.ts";
import { DataTable } from "../../components/data-table.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { counted } from "../../components/format.ts";
import { UNREACHABLE_TEXTS, type WhenUnreachable } from "../../components/status.tsx";
import { succeeded } from "../../components/toasts.ts";

/** The price of STANDARD executions in most regions, in US dollars for each state transition. */
const TRANSITION_PRICE = 0.000025;

/**
 * Attaches a state machine in two steps: the first shows the report of a dry run, the second attaches. `flow` is absent for a new flow,
 * and attached already if its machine's definition was replaced.
 */
export default function AttachDialog(props: { workspace: string; flow?: Flow; onClose: () => void }) {
  const { workspace, flow, onClose } = props;
  const [stateMachineArn, setArn] = useState(flow?.stateMachineArn ?? "");
  const [id, setId] = useState(flow?.flowId ?? "");
  const [whenUnreachable, setWhenUnreachable] = useState<WhenUnreachable>(flow?.whenUnreachable ?? "pass");
  const [force, setForce] = useState(false);
  const [aliases, setAliases] = useState<string[]>([]);
  const [report, setReport] = useState<AttachReport>();
  const attach = useAttachFlow(workspace);
  const navigate = useNavigate();
  const flowId = id.trim();
  const isPossible =
    report !== undefined && report.unsupported.length === 0 && (report.missingGrants.length === 0 || force);
  const request = { flowId, stateMachineArn: stateMachineArn.trim(), whenUnreachable };
  /** A change of the fields makes the report invalid. */
  const edit = <Value,>(set: (value: Value) => void) => {
    return (value: Value) => {
      set(value);
      setReport(undefined);
      setForce(false);
      setAliases([]);
      attach.reset();
    };
  };
  const confirm = () =>
    attach.mutate(
      { ...request, ...(isPossible ? { force, aliases } : { dryRun: true }) },
      {
        onSuccess: (attached) => {
          setReport(attached.report);
          if (!isPossible) return;
          succeeded(`Attached as version ${attached.version}`);
          onClose();
          navigate({ to: "/$workspace/flows/$flowId", params: { workspace, flowId } });
        },
        onError: () => setReport(undefined),
      },
    );
  return (
    <FormDialog
      title={flow === undefined ? "Attach a state machine" : `Attach a state machine to ${flow.name}`}
      size="lg"
      confirm={isPossible ? "Attach" : report === undefined ? "Check" : "Check again"}
      busy={attach.isPending}
      disabled={request.stateMachineArn === "" || flowId === ""}
      onClose={onClose}
      onConfirm={confirm}
      below={
        <Stack role="status" aria-label="Result of the check">
          {attach.error !== null && (
            <Alert color="red" title="The state machine was not attached">
              <Text size="sm" style={{ overflowWrap: "anywhere" }}>
                {attach.error.message}
              </Text>
            </Alert>
          )}
          {report !== undefined && <Report report={report} />}
        </Stack>
      }
    >
      <Text size="sm">
        Sluice writes gates into the definition of your state machine, and keeps the original. Each execution
        that starts afterwards is a run of the flow. The check changes nothing.
      </Text>
      <TextInput
        label="State machine ARN"
        description="A STANDARD state machine that this workspace may attach"
        required
        data-autofocus
        value={stateMachineArn}
        readOnly={flow?.stateMachineArn !== undefined}
        onChange={(event) => edit(setArn)(event.currentTarget.value)}
      />
      {flow === undefined && (
        <TextInput
          label="Flow ID"
          description="Lower-case letters, digits and hyphens"
          required
          value={id}
          onChange={(event) => edit(setId)(event.currentTarget.value)}
        />
      )}
      <NativeSelect
        label="While the state machine cannot call Sluice"
        data={Object.entries(UNREACHABLE_TEXTS).map(([value, label]) => ({ value, label }))}
        value={whenUnreachable}
        onChange={(event) => edit(setWhenUnreachable)(event.currentTarget.value === "fail" ? "fail" : "pass")}
      />
      {report !== undefined && report.missingGrants.length > 0 && report.unsupported.length === 0 && (
        <Checkbox
          label="Attach even though permissions seem to be missing"
          description="The check does not know every policy, such as those of your organization."
          checked={force}
          onChange={(event) => setForce(event.currentTarget.checked)}
        />
      )}
      {isPossible && report.aliases.length > 0 && (
        <Checkbox.Group
          label="Aliases to move to a version with gates"
          description="Callers of the other aliases start executions without gates. Detaching moves the aliases back."
          value={aliases}
          onChange={setAliases}
        >
          {report.aliases.map((name) => (
            <Checkbox key={name} mt="xs" value={name} label={name} />
          ))}
        </Checkbox.Group>
      )}
    </FormDialog>
  );
}

/** The result of a dry run: obstacles first, then the cost and warnings. */
function Report({ report }: { report: AttachReport }) {
  const { unsupported, missingGrants, warnings, versions, transitionsPerRun } = report;
  return (
    <Stack>
      {unsupported.length > 0 && (
        <Findings
          title="Parts of the definition that cannot have gates"
          todo="Change these parts of the definition, then check again."
          headings={["Path", "Problem"]}
          rows={unsupported.map(({ path, message }) => [path, message])}
        />
      )}
      {missingGrants.length > 0 && (
        <Findings
          title="Missing permissions"
          todo={
            missingGrants.some(({ action }) => action.startsWith("kms:"))
              ? "Allow Sluice's function sluice-attach to use the key, then check again."
              : "Grant these permissions to the role of the state machine, then check again."
          }
          headings={["Action", "Resource"]}
          rows={missingGrants.map(({ action, resource }) => [action, resource])}
        />
      )}
      <Cost {...transitionsPerRun} />
      {warnings.length > 0 && (
        <Alert color="yellow" title="Warnings">
          <List size="sm">
            {warnings.map((warning) => (
              <List.Item key={warning}>{warning}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      {versions.length > 0 && (
        <Text size="sm">{counted(versions.length, "published version")} will not change.</Text>
      )}
    </Stack>
  );
}

function Findings(props: {
  title: string;
  todo: string;
  headings: readonly [string, string];
  rows: readonly (readonly [string, string])[];
}) {
  const { title, todo, headings, rows } = props;
  return (
    <Section title={title}>
      <Text size="sm">{todo}</Text>
      <DataTable label={title} minWidth={0} headings={headings}>
        {rows.map(([first, second]) => (
          <Table.Tr key={`${first} ${second}`}>
            <Table.Td className="any-break" miw={175}>
              {first}
            </Table.Td>
            <Table.Td className="any-break">{second}</Table.Td>
          </Table.Tr>
        ))}
      </DataTable>
    </Section>
  );
}

function Cost({ before, after }: AttachReport["transitionsPerRun"]) {
  const more = Math.round((after - before) * 10) / 10;
  const dollars = (more * TRANSITION_PRICE * 1_000).toFixed(2);
  return (
    <Section title="State transitions of a run">
      <DataTable label="State transitions of a run" minWidth={0} headings={["Today", "With gates", "More"]}>
        <Table.Tr>
          <Table.Td>{before}</Table.Td>
          <Table.Td>{after}</Table.Td>
          <Table.Td>{more}</Table.Td>
        </Table.Tr>
      </DataTable>
      <Text size="xs" c="dimmed">
        Averages of the newest executions. 1,000 runs cost about ${dollars} more for state transitions, plus
        one Lambda call for each additional transition.
      </Text>
    </Section>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Stack gap="xs" component="section" aria-label={title}>
      <Text fw={600} size="sm">
        {title}
      </Text>
      {children}
    </Stack>
  );
}
