import { Checkbox, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { ViewFilter } from "../../../../shared/model/schemas/run-filter.ts";
import { useSaveView } from "../../api/runs.ts";
import { FormDialog } from "../../components/form-dialog.tsx";
import { toasts } from "../../components/toasts.ts";

/** Returns a unique view id, made from the name so that it is readable in a link. */
const idFor = (name: string): string => {
  const plain = name
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 30);
  return `${plain === "" ? "view" : plain}-${crypto.randomUUID().slice(0, 6)}`;
};

/** Saves the filters under a name. Below the form, people can delete their own views. */
export default function SaveViewDialog(props: {
  workspace: string;
  filter: ViewFilter;
  onClose: () => void;
  children: ReactNode;
}) {
  const { workspace, filter, onClose, children } = props;
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const save = useSaveView(workspace);
  const confirm = () =>
    save.mutate(
      { viewId: idFor(name), name: name.trim(), filter, shared },
      toasts("View saved", "Failed to save the view", onClose),
    );
  return (
    <FormDialog
      title="Save these filters"
      confirm="Save view"
      busy={save.isPending}
      disabled={name.trim() === ""}
      onClose={onClose}
      onConfirm={confirm}
      below={children}
    >
      <TextInput
        label="Name"
        value={name}
        maxLength={100}
        data-autofocus
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Checkbox
        label="Share with everyone in the workspace"
        checked={shared}
        onChange={(event) => setShared(event.currentTarget.checked)}
      />
    </FormDialog>
  );
}
