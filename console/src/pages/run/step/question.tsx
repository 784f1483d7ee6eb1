import { Button, Group, TagsInput, Text } from "@mantine/core";
import { IconUserShare } from "@tabler/icons-react";
import { useState } from "react";
import { useMay, useNameOf, usePeople } from "../../../api/people.ts";
import { useAssign } from "../../../api/runs.ts";
import type { ListedStep } from "../../../api/steps.ts";
import { FormDialog, ReasonField } from "../../../components/form-dialog.tsx";
import { Time } from "../../../components/time.tsx";
import { toasts } from "../../../components/toasts.ts";

interface QuestionProps {
  readonly workspace: string;
  readonly runId: string;
  readonly step: ListedStep;
}

/** Shows an approval or a form, and whom it asks. An administrator can assign an open one to others. */
export function Question({ workspace, runId, step }: QuestionProps) {
  const { question, status } = step;
  const [isAssigning, setIsAssigning] = useState(false);
  const nameOf = useNameOf();
  const mayAssign = useMay("assign-steps") && status === "waiting";
  if (question === undefined) return null;
  const { title, assignees, assigned } = question;
  return (
    <Group gap="xs">
      <Text size="sm" className="any-break">
        {`“${title}”, asked of ${assignees === undefined ? "operators and administrators" : assignees.map(nameOf).join(", ")}.`}
        {assigned !== undefined && (
          <>
            {` Assigned by ${nameOf(assigned.by)} `}
            <Time at={assigned.at} />
            {assigned.reason === undefined ? "" : `: ${assigned.reason}`}
          </>
        )}
      </Text>
      {mayAssign && (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconUserShare size={14} aria-hidden />}
          onClick={() => setIsAssigning(true)}
        >
          Reassign
        </Button>
      )}
      {isAssigning && <AssignDialog {...{ workspace, runId, step }} onClose={() => setIsAssigning(false)} />}
    </Group>
  );
}

function AssignDialog({ workspace, runId, step, onClose }: QuestionProps & { readonly onClose: () => void }) {
  const [assignees, setAssignees] = useState<string[]>([]);
  const people = usePeople();
  const nameOf = useNameOf();
  const [search, setSearch] = useState("");
  const [reason, setReason] = useState("");
  const assign = useAssign(workspace, runId, step.stepId);
  const confirm = () =>
    assign.mutate(
      { assignees, ...(reason.trim() === "" ? {} : { reason: reason.trim() }) },
      toasts("Step reassigned", "Failed to reassign the step", onClose),
    );
  return (
    <FormDialog
      title="Reassign step"
      confirm="Reassign"
      busy={assign.isPending}
      disabled={assignees.length === 0}
      onClose={onClose}
      onConfirm={confirm}
    >
      <TagsInput
        label="User IDs"
        description="They may answer from now on, instead of those who were asked. Press Enter to add one."
        data={people.map(({ userId }) => userId)}
        filter={({ options, search }) =>
          options.filter(
            (one) =>
              "value" in one &&
              `${one.value} ${nameOf(one.value)}`.toLowerCase().includes(search.toLowerCase()),
          )
        }
        renderOption={({ option: { value } }) =>
          nameOf(value) === value ? value : `${nameOf(value)} (${value})`
        }
        value={assignees}
        onChange={setAssignees}
        // Open without a text, the list would cover the buttons.
        searchValue={search}
        onSearchChange={setSearch}
        dropdownOpened={search !== ""}
        data-autofocus
      />
      <ReasonField value={reason} onChange={setReason} />
    </FormDialog>
  );
}
