import { memberSchema } from "../schemas/member.ts";
import { createdOr, operation, pages } from "./operation.ts";
import { putMemberSchema } from "./requests.ts";
import { membersPageSchema } from "./responses.ts";

export const memberOperations = {
  listMembers: operation("listMembers", {
    summary: "List members",
    tag: "Members",
    permission: "read-members",
    ...pages("Members, newest first", membersPageSchema),
  }),
  getMember: operation("getMember", {
    summary: "Read a member",
    tag: "Members",
    permission: "read-members",
    answers: { 200: { description: "The member", schema: memberSchema } },
  }),
  putMember: operation("putMember", {
    summary: "Add a member, or change their role and permissions",
    tag: "Members",
    permission: "manage-members",
    body: putMemberSchema,
    answers: createdOr("The user was a member already", "Added", memberSchema),
    errors: ["action_not_allowed"],
  }),
  deleteMember: operation("deleteMember", {
    summary: "Remove a member",
    tag: "Members",
    permission: "manage-members",
    answers: { 204: { description: "Removed" } },
    errors: ["action_not_allowed"],
  }),
} as const;
