import { type Command, Option } from "commander";
import { ROLES, type Role } from "../../shared/model/access.ts";
import type { Member } from "../../shared/model/schemas/member.ts";
import { path } from "../http/path.ts";
import type { Column } from "../terminal/table.ts";
import { table } from "../terminal/table.ts";
import { localTime } from "../terminal/times.ts";
import { listOf } from "./filters.ts";
import { branch, leaf, type Outcome, perform } from "./leaf.ts";
import { type PageOptions, readPages, withPaging } from "./paging.ts";
import { showList } from "./show-list.ts";

const columns: Column<Member>[] = [
  { title: "USER", cell: ({ userId }) => userId },
  { title: "ROLE", cell: ({ role }) => role },
  { title: "SINCE", cell: ({ createdAt }) => localTime(createdAt) },
  { title: "PERMISSIONS", cell: ({ permissions }) => permissions.join(", ") },
];

export const addMembers = (program: Command, outcome: Outcome): void => {
  const members = branch(program, "members", "Who may do what in the workspace");

  withPaging(leaf(members, "list", "List the members", "sluice members list")).action(
    perform<PageOptions, []>(outcome, async ({ api, terminal }, options) => {
      showList(terminal, await readPages<Member>(api(), "/members", {}, options), columns, "No members.");
    }),
  );

  leaf(members, "get <userId>", "Show a member", "sluice members get ada").action(
    perform<object, [string]>(outcome, async ({ api, terminal }, _options, userId) => {
      const member = await api().get<Member>(path`/members/${userId}`);
      terminal.result(member, () => table([member], columns));
    }),
  );

  leaf(
    members,
    "set <userId>",
    "Add a member, or change their role and permissions",
    "sluice members set ada --role operator --permissions payments:write,crm:read",
  )
    .addOption(new Option("--role <role>", "what they may do").choices(ROLES).makeOptionMandatory())
    .option(
      "--permissions <list>",
      'what steps that require permissions let them do; none: ""; left out: as they are',
    )
    .action(
      perform<{ role: Role; permissions?: string }, [string]>(
        outcome,
        async ({ api, terminal }, { role, permissions: text }, userId) => {
          const permissions =
            text === undefined ? undefined : text === "" ? [] : listOf(text, "--permissions");
          const body = { role, permissions };
          const member = await api().call<Member>({ method: "PUT", path: path`/members/${userId}`, body });
          terminal.result(member, () => table([member], columns));
        },
      ),
    );

  leaf(members, "remove <userId>", "Remove a member", "sluice members remove ada").action(
    perform<object, [string]>(outcome, async ({ api, terminal }, _options, userId) => {
      await api().call({ method: "DELETE", path: path`/members/${userId}` });
      terminal.result({ userId, removed: true }, () => `${userId} is no member any more.`);
    }),
  );
};
