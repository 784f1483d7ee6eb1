import { memberSchema } from "../schemas/member.ts";
import { createdOr, operations, pages, reading } from "./operation.ts";
import { putMemberSchema } from "./requests.ts";
import { membersPageSchema } from "./responses.ts";

const reads = { tag: "Members", permission: "read-members" } as const;
const manages = { tag: "Members", permission: "manage-members" } as const;

export const memberOperations = operations({
  listMembers: pages(reads, "List members", "Members, newest first", membersPageSchema),
  getMember: reading(reads, "Read a member", "The member", memberSchema),
  putMember: {
    summary: "Add a member, or change their role and permissions",
    ...manages,
    body: putMemberSchema,
    answers: createdOr("The user was already a member", "Added", memberSchema),
    errors: ["action_not_allowed"],
  },
  deleteMember: {
    summary: "Remove a member",
    ...manages,
    answers: { 204: { description: "Removed" } },
    errors: ["action_not_allowed"],
  },
});
