import { NativeSelect, TagsInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { ROLES } from "../../../../shared/model/access.ts";
import type { Member } from "../../../../shared/model/schemas/member.ts";
import { usePutMember } from "../../api/settings.ts";
import { FormDialog } from "../../components/form-dialog.tsx";
import { toasts } from "../../components/toasts.ts";

const ROLE_LABELS: Readonly<Record<Member["role"], string>> = {
  viewer: "viewer: read only",
  operator: "operator: also controls runs and pauses flows",
  admin: "admin: full access",
  member: "member: dispatches records and sees only their own runs",
};

export function MemberDialog(props: { workspace: string; member?: Member; onClose: () => void }) {
  const { workspace, member, onClose } = props;
  const [userId, setUserId] = useState(member?.userId ?? "");
  const [role, setRole] = useState<Member["role"]>(member?.role ?? "operator");
  const [permissions, setPermissions] = useState<string[]>([...(member?.permissions ?? [])]);
  const put = usePutMember(workspace);
  const save = () =>
    put.mutate(
      { userId: userId.trim(), role, permissions },
      toasts("Member saved", "Failed to save the member", onClose),
    );
  return (
    <FormDialog
      title={member === undefined ? "Add a member" : "Edit member"}
      confirm="Save member"
      busy={put.isPending}
      disabled={userId.trim() === ""}
      onClose={onClose}
      onConfirm={save}
    >
      <TextInput
        label="User ID"
        description="The subject of the user's tokens"
        value={userId}
        disabled={member !== undefined}
        maxLength={255}
        onChange={(event) => setUserId(event.currentTarget.value)}
      />
      <NativeSelect
        label="Role"
        data={ROLES.map((value) => ({ value, label: ROLE_LABELS[value] }))}
        value={role}
        onChange={(event) => setRole(ROLES.find((known) => known === event.currentTarget.value) ?? role)}
      />
      <TagsInput
        label="Permissions for steps"
        description="Checked by steps with Requires. Press Enter to add one."
        value={permissions}
        onChange={setPermissions}
      />
    </FormDialog>
  );
}
