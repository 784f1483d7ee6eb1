import { Combobox, Group, Loader, Modal, ScrollArea, Text, TextInput, useCombobox } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import type { Flow } from "../../../shared/model/schemas/flow.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { useMay } from "../api/people.ts";
import { counted } from "../components/format.ts";
import { FlowStatusBadge, StatusBadge } from "../components/status.tsx";
import { Time } from "../components/time.tsx";
import { Reason } from "../pages/runs/reason.tsx";
import { type FoundList, foundQuery } from "./found.ts";

const TYPING_MS = 250;

/** Something found: where it is, and how it looks in the list. */
interface Option {
  readonly key: string;
  readonly content: ReactNode;
  readonly open: () => void;
}

/** Finds runs, flows and lists of runs as the person types. The arrow keys choose one, and Enter opens it. */
export default function FindDialog({ workspace, onClose }: { workspace: string; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const [text] = useDebouncedValue(typed.trim(), TYPING_MS);
  const found = useQuery(foundQuery(workspace, text, useMay("read-flows")));
  const open = useOpen(workspace, onClose);
  // Escape closes the list, which is all of the dialog.
  const combobox = useCombobox({ opened: true, onDropdownClose: onClose });
  const { runs = [], flows = [], lists = [] } = (text === "" ? undefined : found.data) ?? {};
  const groups: readonly (readonly [string, readonly Option[]])[] = [
    ["Flows", flows.map((flow) => flowOption(flow, open))],
    ["Runs", runs.map((run) => runOption(run, open))],
    ["Lists", lists.map((list) => listOption(list, open))],
  ];
  const options = groups.flatMap(([, members]) => members);
  const keys = options.map(({ key }) => key).join();
  const { resetSelectedOption, selectFirstOption } = combobox;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the first option is chosen when the options change
  useEffect(() => {
    if (keys === "") resetSelectedOption();
    else selectFirstOption();
  }, [keys]);
  const isSettled = text !== "" && text === typed.trim() && !found.isFetching;
  return (
    <Modal opened onClose={onClose} title="Find" size="lg" yOffset="8vh" transitionProps={{ duration: 0 }}>
      <Combobox store={combobox} onOptionSubmit={(key) => options.find((one) => one.key === key)?.open()}>
        <Combobox.Target>
          <TextInput
            data-autofocus
            aria-label="Run ID, flow, name=value or error"
            placeholder="Run ID, flow, name=value or error"
            leftSection={<IconSearch size={16} aria-hidden />}
            rightSection={found.isFetching && <Loader size="xs" aria-hidden />}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        </Combobox.Target>
        <Text size="sm" c="dimmed" mt="xs" role="status">
          {text === "" && HINT}
          {isSettled && found.isError && `Finding failed: ${found.error.message}`}
          {isSettled && found.isSuccess && (options.length === 0 ? NONE : counted(options.length, "result"))}
        </Text>
        <ScrollArea.Autosize mah="60vh" type="auto" mt="xs">
          <Combobox.Options aria-label="Results">
            {groups
              .filter(([, members]) => members.length > 0)
              .map(([label, members]) => (
                <Combobox.Group key={label} label={label}>
                  {members.map(({ key, content }) => (
                    <Combobox.Option key={key} value={key} className="find-option">
                      {content}
                    </Combobox.Option>
                  ))}
                </Combobox.Group>
              ))}
          </Combobox.Options>
        </ScrollArea.Autosize>
      </Combobox>
    </Modal>
  );
}

const HINT =
  "The whole id of a run, a part of a flow's name, the value of an attribute (A-17 or orderId=A-17), or a part of an error.";
const NONE = "Nothing found. Ids of runs and values of attributes must be complete.";

type Open = ReturnType<typeof useOpen>;

/** Leaves the dialog for a page. */
const useOpen = (workspace: string, onClose: () => void) => {
  const navigate = useNavigate();
  return {
    run: (runId: string) => {
      onClose();
      navigate({ to: "/$workspace/monitoring/workflow-runs/$runId", params: { workspace, runId } });
    },
    flow: (flowId: string) => {
      onClose();
      navigate({ to: "/$workspace/flows/$flowId", params: { workspace, flowId } });
    },
    list: (found: FoundList) => {
      onClose();
      if (found.list === "runs")
        navigate({
          to: "/$workspace/monitoring/workflow-runs",
          params: { workspace },
          search: { ...found.filter },
        });
      else
        navigate({
          to: "/$workspace/monitoring/attention",
          params: { workspace },
          search: { error: found.error },
        });
    },
  };
};

const runOption = (run: Run, open: Open): Option => ({
  key: run.runId,
  open: () => open.run(run.runId),
  content: (
    <>
      <Group gap="xs">
        <StatusBadge run={run} size="sm" />
        <Text size="sm" fw={500}>
          {[run.flowId, ...Object.values(run.attributes ?? {})].join(" · ")}
        </Text>
        <Text size="xs" c="dimmed">
          <Time at={run.createdAt} inOption />
        </Text>
      </Group>
      <Text size="xs" lineClamp={2} className="any-break">
        <Reason run={run} />
      </Text>
      <Text size="xs" c="dimmed" ff="monospace" truncate>
        {run.runId}
      </Text>
    </>
  ),
});

const flowOption = ({ flowId, name, status }: Flow, open: Open): Option => ({
  key: `flow ${flowId}`,
  open: () => open.flow(flowId),
  content: (
    <Group gap="xs">
      <FlowStatusBadge status={status} />
      <Text size="sm" fw={500}>
        {name}
      </Text>
      {name !== flowId && (
        <Text size="xs" c="dimmed" ff="monospace">
          {flowId}
        </Text>
      )}
    </Group>
  ),
});

const listOption = (list: FoundList, open: Open): Option => ({
  key: `list ${list.label}`,
  open: () => open.list(list),
  content: <Text size="sm">{list.label}</Text>,
});
