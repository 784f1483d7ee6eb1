import * as z from "zod";
import { ACTOR_KINDS, type Actor } from "../actor.ts";

export const actorSchema = z
  .object({ kind: z.enum(ACTOR_KINDS), id: z.string() })
  .meta({ id: "Actor" }) satisfies z.ZodType<Actor>;
