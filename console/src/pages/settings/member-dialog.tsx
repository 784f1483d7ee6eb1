import { Button, Group, Modal, NativeSelect, Stack, TagsInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { ROLES } from "../../../../shared/model/access.ts";
import type { Member } from "../../../../shared/model/schemas/member.ts";
import { usePutMember } from "../../api/settings.ts";
import { failed, succeeded } from "../../components/toasts.ts";

const WORDS: Readonly<Record<Member["role"], string>> = {
  viewer: "viewer: reads",
  operator: "operator: also controls runs and holds flows",
  admin: "admin: does all",
  member: "member: dispatches, sees their own runs",
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
      {
        onSuccess: () => {
          succeeded("Member saved");
          onClose();
        },
        onError: (error) => failed("Failed to save the member", error),
      },
    );
  return (
    <Modal opened onClose={onClose} title={member === undefined ? "Add a member" : "Edit member"} centered>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <Stack>
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
            data={ROLES.map((value) => ({ value, label: WORDS[value] }))}
            value={role}
            onChange={(event) => setRole(ROLES.find((known) => known === event.currentTarget.value) ?? role)}
          />
          <TagsInput
            label="Permissions for steps"
            description="What steps with Requires ask for; Enter adds one"
            value={permissions}
            onChange={setPermissions}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Back
            </Button>
            <Button type="submit" loading={put.isPending} disabled={userId.trim() === ""}>
              Save member
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
