import * as z from "zod";
import type { WorkspaceSettings } from "../workspace-settings.ts";

export const workspaceSettingsSchema = z
  .object({
    ownersMayResume: z
      .boolean()
      .meta({ description: "Whether members may resume the paused runs that they started." }),
    resumeWithSameAccess: z.boolean().meta({
      description: "Whether a resumed run may keep the permissions that its user had when it was started.",
    }),
    retentionDays: z
      .int()
      .min(1)
      .max(3_650)
      .meta({ description: "Days after which an ended run is deleted." }),
  })
  .meta({ id: "WorkspaceSettings" }) satisfies z.ZodType<WorkspaceSettings>;

export const putSettingsSchema = z
  .strictObject(workspaceSettingsSchema.partial().shape)
  .meta({ id: "PutSettings", description: "Omitted settings stay as they are." });
export type SettingsChange = z.infer<typeof putSettingsSchema>;
