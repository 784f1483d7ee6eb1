import * as z from "zod";
import { text } from "../schemas/fields.ts";
import { viewFilterSchema } from "../schemas/run-filter.ts";
import { viewSchema } from "../schemas/view.ts";
import { createdOr, operations, pages, reading } from "./operation.ts";

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

const keeps = { tag: "Views", permission: "keep-views" } as const;

export const viewOperations = operations({
  listViews: pages(keeps, "List your views and the shared ones", "Views, ordered by id", viewsPageSchema),
  getView: reading(keeps, "Read a view", "The view", viewSchema),
  putView: {
    summary: "Save a view, or change your own",
    ...keeps,
    body: putViewSchema,
    answers: createdOr("You already had a view with this id", "Saved", viewSchema),
    errors: ["state_changed"],
  },
  deleteView: {
    summary: "Delete your own view or, as an administrator, a shared one",
    ...keeps,
    answers: { 204: { description: "Deleted" } },
    errors: ["state_changed"],
  },
});
