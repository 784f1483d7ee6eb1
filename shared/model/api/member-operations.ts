import { memberSchema } from "../schemas/member.ts";
import { createdOr, operations, pages, reading, tagged } from "./operation.ts";
import { putMemberSchema } from "./requests.ts";
import { membersPageSchema } from "./responses.ts";

const members = tagged("Members");

export const memberOperations = operations({
  listMembers: pages(members("read-members"), "List members", "Members, newest first", membersPageSchema),
  getMember: reading(members("read-members"), "Read a member", "The member", memberSchema),
  putMember: {
    summary: "Add a member, or change their role, permissions, name and e-mail address",
    ...members("manage-members"),
    body: putMemberSchema,
    answers: createdOr("The user was already a member", "Added", memberSchema),
    errors: ["action_not_allowed"],
  },
  deleteMember: {
    summary: "Remove a member",
    ...members("manage-members"),
    answers: { 204: { description: "Removed" } },
    errors: ["action_not_allowed"],
  },
});
