import * as z from "zod";
import { ROLES } from "../access.ts";
import { timestampSchema } from "./run.ts";

/**
 * The `sub` of a user's tokens, for which OpenID Connect allows 255 characters. Spaces and invisible characters are rejected, since
 * people compare ids by eye; `.` and `..` cannot be part of a URL path.
 */
export const userIdSchema = z
  .string()
  .max(255)
  .regex(
    /^(?!\.{1,2}$)[^\s\p{Cc}\p{Cf}\p{Cs}]+$/u,
    "Must be 1 to 255 printable characters without spaces, not . or ..",
  );

export const memberSchema = z
  .object({
    userId: z.string(),
    name: z.string().optional().meta({ description: "The name that people see instead of the user id." }),
    email: z.string().optional(),
    role: z.enum(ROLES),
    permissions: z.array(z.string()),
    createdAt: timestampSchema,
    updatedAt: timestampSchema,
  })
  .meta({ id: "Member" });
export type Member = z.infer<typeof memberSchema>;
