import * as z from "zod";
import { text } from "../schemas/fields.ts";
import { viewFilterSchema } from "../schemas/run-filter.ts";
import { viewSchema } from "../schemas/view.ts";
import { createdOr, operations, pages, reading, tagged } from "./operation.ts";

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

const views = tagged("Views")("keep-views");

export const viewOperations = operations({
  listViews: pages(views, "List your views and the shared ones", "Views, ordered by id", viewsPageSchema),
  getView: reading(views, "Read a view", "The view", viewSchema),
  putView: {
    summary: "Save a view, or change your own",
    ...views,
    body: putViewSchema,
    answers: createdOr("You already had a view with this id", "Saved", viewSchema),
    errors: ["state_changed"],
  },
  deleteView: {
    summary: "Delete your own view or, as an administrator, a shared one",
    ...views,
    answers: { 204: { description: "Deleted" } },
    errors: ["state_changed"],
  },
});
