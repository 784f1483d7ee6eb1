import { type Command, Option } from "commander";
import { ROLES, type Role } from "../../shared/model/access.ts";
import type { Member } from "../../shared/model/schemas/member.ts";
import type { WorkspaceSettings } from "../../shared/model/workspace-settings.ts";
import { usage } from "../failure.ts";
import { listOf } from "../options/filters.ts";
import { positive } from "../options/paging.ts";
import { visible } from "../terminal/style.ts";
import { type Column, fields, table } from "../terminal/table.ts";
import { localTime } from "../terminal/times.ts";
import { branch, leaf } from "./command.ts";
import { calling, listing, removing } from "./shared-commands.ts";

const columns: Column<Member>[] = [
  { title: "USER", cell: ({ userId }) => userId },
  { title: "NAME", cell: ({ name = "" }) => visible(name) },
  { title: "E-MAIL", cell: ({ email = "" }) => visible(email) },
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
      "Add a member, or change them; what is omitted stays as it is",
      'sluice members set ada --role operator --name "Ada Lovelace" --permissions payments:write,crm:read',
    )
      .addOption(new Option("--role <role>", "role in the workspace").choices(ROLES).makeOptionMandatory())
      .option("--permissions <list>", 'permissions for steps that require them; "" removes all')
      .option("--name <name>", 'name that people see instead of the user id; "" removes it')
      .option("--email <address>", 'e-mail address; "" removes it'),
    (api, [userId], { role, permissions: text, name, email }: SetMember) => {
      const permissions = text === undefined ? undefined : text === "" ? [] : listOf(text, "--permissions");
      const body = { role, permissions, name: name === "" ? null : name, email: email === "" ? null : email };
      return api().putMember({ userId, body });
    },
    (member) => table([member], columns),
  );

  removing(
    leaf(members, "remove <userId>", "Remove a member", "sluice members remove ada"),
    "member",
    (api, userId) => api.deleteMember({ userId }),
  );
};

interface SetMember {
  readonly role: Role;
  readonly permissions?: string;
  readonly name?: string;
  readonly email?: string;
}

interface SetOptions {
  readonly ownersMayResume?: "true" | "false";
  readonly resumeWithSameAccess?: "true" | "false";
  readonly retentionDays?: number;
}

const settingsText = (settings: WorkspaceSettings): string =>
  fields(Object.entries(settings).map(([name, value]) => [name, String(value)]));

const trueOrFalse = (name: string, description: string): Option =>
  new Option(`${name} <true|false>`, description).choices(["true", "false"]);

const flag = (text: "true" | "false" | undefined): boolean | undefined =>
  text === undefined ? undefined : text === "true";

export const addSettings = (program: Command): void => {
  const settings = branch(program, "settings", "Show or change the workspace's settings");

  calling(
    leaf(settings, "get", "Show the settings", "sluice settings get"),
    (api) => api().getSettings(),
    settingsText,
  );

  calling(
    leaf(
      settings,
      "set",
      "Change settings; omitted settings stay as they are",
      "sluice settings set --owners-may-resume true --retention-days 30",
    )
      .addOption(trueOrFalse("--owners-may-resume", "whether members may resume the runs that they started"))
      .addOption(
        trueOrFalse(
          "--resume-with-same-access",
          "whether a resumed run may continue with the permissions of its start",
        ),
      )
      .option("--retention-days <n>", "days after its end until a run is deleted", positive),
    async (api, _args, options: SetOptions) => {
      const body = {
        ownersMayResume: flag(options.ownersMayResume),
        resumeWithSameAccess: flag(options.resumeWithSameAccess),
        retentionDays: options.retentionDays,
      };
      if (Object.values(body).every((value) => value === undefined))
        throw usage("No setting given. See sluice settings set --help.");
      return api().putSettings({ body });
    },
    settingsText,
  );
};
