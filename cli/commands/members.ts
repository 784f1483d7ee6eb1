import { type Command, Option } from "commander";
import { ROLES, type Role } from "../../shared/model/access.ts";
import type { Member } from "../../shared/model/schemas/member.ts";
import { listOf } from "../options/filters.ts";
import { type Column, table } from "../terminal/table.ts";
import { localTime } from "../terminal/times.ts";
import { branch, leaf, type Outcome, perform } from "./command.ts";
import { calling, listing, removing } from "./shared-commands.ts";

const columns: Column<Member>[] = [
  { title: "USER", cell: ({ userId }) => userId },
  { title: "ROLE", cell: ({ role }) => role },
  { title: "SINCE", cell: ({ createdAt }) => localTime(createdAt) },
  { title: "PERMISSIONS", cell: ({ permissions }) => permissions.join(", ") },
];

export const addMembers = (program: Command, outcome: Outcome): void => {
  const members = branch(program, "members", "Manage the workspace's members and their roles");

  listing(leaf(members, "list", "List members", "sluice members list"), outcome, {
    columns,
    empty: "No members.",
    read: (api, query) => api.listMembers({ query }),
  });

  calling(
    leaf(members, "get <userId>", "Show a member", "sluice members get ada"),
    outcome,
    (api, userId) => api.getMember({ userId }),
    (member) => table([member], columns),
  );

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
    )
    .action(
      perform<{ role: Role; permissions?: string }, [string]>(
        outcome,
        async ({ api, terminal }, { role, permissions: text }, userId) => {
          const permissions =
            text === undefined ? undefined : text === "" ? [] : listOf(text, "--permissions");
          const member = await api().putMember({ userId, body: { role, permissions } });
          terminal.result(member, () => table([member], columns));
          return 0;
        },
      ),
    );

  removing(
    leaf(members, "remove <userId>", "Remove a member", "sluice members remove ada"),
    outcome,
    "member",
    (api, userId) => api.deleteMember({ userId }),
  );
};
