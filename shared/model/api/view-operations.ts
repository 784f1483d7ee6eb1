import * as z from "zod";
import { pageQuerySchema, text } from "../schemas/fields.ts";
import { viewFilterSchema } from "../schemas/run-filter.ts";
import { viewSchema } from "../schemas/view.ts";
import { operation } from "./operation.ts";

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
    query: pageQuerySchema,
    answers: { 200: { description: "Views, ordered by id", schema: viewsPageSchema } },
    errors: [],
  }),
  getView: operation("getView", {
    summary: "Read a view",
    tag: "Views",
    permission: "keep-views",
    answers: { 200: { description: "The view", schema: viewSchema } },
    errors: [],
  }),
  putView: operation("putView", {
    summary: "Save a view, or change your own",
    tag: "Views",
    permission: "keep-views",
    body: putViewSchema,
    answers: {
      200: { description: "You had a view of this id", schema: viewSchema },
      201: { description: "Saved", schema: viewSchema },
    },
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
