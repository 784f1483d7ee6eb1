import { type Command, Option } from "commander";
import { ROLES, type Role } from "../../shared/model/access.ts";
import type { Member } from "../../shared/model/schemas/member.ts";
import { listOf } from "../options/filters.ts";
import { type Column, table } from "../terminal/table.ts";
import { localTime } from "../terminal/times.ts";
import { branch, leaf } from "./command.ts";
import { calling, listing, removing } from "./shared-commands.ts";

const columns: Column<Member>[] = [
  { title: "USER", cell: ({ userId }) => userId },
  { title: "ROLE", cell: ({ role }) => role },
  { title: "SINCE", cell: ({ createdAt }) => localTime(createdAt) },
  { title: "PERMISSIONS", cell: ({ permissions }) => permissions.join(", ") },
];

export const addMembers = (program: Command): void => {
  const members = branch(program, "members", "Manage the workspace's members and their roles");

  listing(leaf(members, "list", "List members", "sluice members list"), {
    columns,
    empty: "No members.",
    read: (api, query) => api.listMembers({ query }),
  });

  calling(
    leaf(members, "get <userId>", "Show a member", "sluice members get ada"),
    (api, [userId]) => api().getMember({ userId }),
    (member) => table([member], columns),
  );

  calling(
    leaf(
      members,
      "set <userId>",
      "Add a member, or change their role and permissions",
      "sluice members set ada --role operator --permissions payments:write,crm:read",
    )
      .addOption(new Option("--role <role>", "role in the workspace").choices(ROLES).makeOptionMandatory())
      .option(
        "--permissions <list>",
        'permissions for steps that require them; "" removes all; unchanged if omitted',
      ),
    (api, [userId], { role, permissions: text }: { role: Role; permissions?: string }) => {
      const permissions = text === undefined ? undefined : text === "" ? [] : listOf(text, "--permissions");
      return api().putMember({ userId, body: { role, permissions } });
    },
    (member) => table([member], columns),
  );

  removing(
    leaf(members, "remove <userId>", "Remove a member", "sluice members remove ada"),
    "member",
    (api, userId) => api.deleteMember({ userId }),
  );
};
