import { Button, Group, NativeSelect, Pill, Stack, Table, TagsInput, Text, TextInput } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ROLES } from "../../../../shared/model/access.ts";
import type { Member } from "../../../../shared/model/schemas/member.ts";
import { useMay } from "../../api/people.ts";
import { membersQuery, usePutMember, useRemoveMember } from "../../api/settings.ts";
import { DataTable, ShowMore } from "../../components/data-table.tsx";
import { EditAndRemove, FormDialog } from "../../components/form-dialog.tsx";
import { Unloaded } from "../../components/states.tsx";
import { toasts } from "../../components/toasts.ts";

/** The workspace's members with their roles and their permissions for steps. */
export function Members({ workspace }: { workspace: string }) {
  const list = useInfiniteQuery(membersQuery(workspace));
  const mayChange = useMay("manage-members");
  const [edited, setEdited] = useState<Member | "new">();
  if (list.data === undefined) return <Unloaded query={list} height={220} label="Loading members" />;
  const members = list.data.pages.flatMap((page) => page.items);
  return (
    <Stack>
      {mayChange && (
        <Group>
          <Button variant="default" onClick={() => setEdited("new")}>
            Add a member
          </Button>
        </Group>
      )}
      <DataTable
        label="Members"
        minWidth={560}
        headings={["Name", "User ID", "Role", "Permissions for steps", ...(mayChange ? [undefined] : [])]}
      >
        {members.map((member) => (
          <Table.Tr key={member.userId} data-member={member.userId}>
            <Table.Td className="any-break">
              {member.name}
              {member.email !== undefined && (
                <Text size="xs" c="dimmed">
                  {member.email}
                </Text>
              )}
            </Table.Td>
            <Table.Td className="any-break">{member.userId}</Table.Td>
            <Table.Td>{member.role}</Table.Td>
            <Table.Td>
              <Pill.Group>
                {member.permissions.map((permission) => (
                  <Pill key={permission}>{permission}</Pill>
                ))}
              </Pill.Group>
            </Table.Td>
            {mayChange && (
              <Table.Td>
                <MemberActions workspace={workspace} member={member} onEdit={() => setEdited(member)} />
              </Table.Td>
            )}
          </Table.Tr>
        ))}
      </DataTable>
      <ShowMore list={list} />
      {edited !== undefined && (
        <MemberDialog
          workspace={workspace}
          {...(edited === "new" ? {} : { member: edited })}
          onClose={() => setEdited(undefined)}
        />
      )}
    </Stack>
  );
}

function MemberActions(props: { workspace: string; member: Member; onEdit: () => void }) {
  const { workspace, member, onEdit } = props;
  const remove = useRemoveMember(workspace);
  return (
    <EditAndRemove
      subject={member.userId}
      remove="Remove"
      question={{
        title: "Remove member?",
        text: `${member.name ?? member.userId} loses their role and all permissions in this workspace. Their runs stay, but steps that require one of their permissions are denied.`,
        confirm: "Remove member",
      }}
      busy={remove.isPending}
      onEdit={onEdit}
      onRemove={() => remove.mutate(member.userId, toasts("Member removed", "Failed to remove the member"))}
    />
  );
}

const ROLE_LABELS: Readonly<Record<Member["role"], string>> = {
  viewer: "viewer: read only",
  operator: "operator: also controls runs and pauses flows",
  admin: "admin: full access",
  member: "member: dispatches records and sees only their own runs",
};

function MemberDialog(props: { workspace: string; member?: Member; onClose: () => void }) {
  const { workspace, member, onClose } = props;
  const [userId, setUserId] = useState(member?.userId ?? "");
  const [name, setName] = useState(member?.name ?? "");
  const [email, setEmail] = useState(member?.email ?? "");
  const [role, setRole] = useState<Member["role"]>(member?.role ?? "operator");
  const [permissions, setPermissions] = useState<string[]>([...(member?.permissions ?? [])]);
  const put = usePutMember(workspace);
  const save = () =>
    put.mutate(
      { userId: userId.trim(), role, permissions, name: name.trim() || null, email: email.trim() || null },
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
      <TextInput
        label="Name"
        description="Shown instead of the user ID"
        value={name}
        maxLength={200}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label="E-mail"
        type="email"
        value={email}
        maxLength={254}
        onChange={(event) => setEmail(event.currentTarget.value)}
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
