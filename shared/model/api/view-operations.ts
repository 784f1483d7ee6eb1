import * as z from "zod";
import { text } from "../schemas/fields.ts";
import { viewFilterSchema } from "../schemas/run-filter.ts";
import { viewSchema } from "../schemas/view.ts";
import { createdOr, operation, pages } from "./operation.ts";

const putViewSchema = z
  .strictObject({
    name: text(200).min(1),
    filter: viewFilterSchema,
    shared: z.boolean().optional().meta({ description: "Default false: only you see the view." }),
  })
  .meta({ id: "PutView" });

const viewsPageSchema = z
  .object({ items: z.array(viewSchema), nextCursor: z.string().optional() })
  .meta({ id: "ViewPage" });

export const viewOperations = {
  listViews: operation("listViews", {
    summary: "List your views and the shared ones",
    tag: "Views",
    permission: "keep-views",
    ...pages("Views, ordered by id", viewsPageSchema),
  }),
  getView: operation("getView", {
    summary: "Read a view",
    tag: "Views",
    permission: "keep-views",
    answers: { 200: { description: "The view", schema: viewSchema } },
  }),
  putView: operation("putView", {
    summary: "Save a view, or change your own",
    tag: "Views",
    permission: "keep-views",
    body: putViewSchema,
    answers: createdOr("You had a view of this id", "Saved", viewSchema),
    errors: ["state_changed"],
  }),
  deleteView: operation("deleteView", {
    summary: "Delete your own view or, as an administrator, a shared one",
    tag: "Views",
    permission: "keep-views",
    answers: { 204: { description: "Deleted" } },
    errors: ["state_changed"],
  }),
} as const;
