import { noResource, tooManyTags, validation } from "../model/errors.ts";
import type { Api, Operation } from "./api.ts";
import type { Parameters } from "./parameters.ts";

const MAX_TAGS = 50;

/** Adds the tags of a request to a machine or an activity. */
export function addTags({ stores: { tags } }: Api, arn: string, list: unknown): void {
  if (list === undefined || list === null) return;
  if (!Array.isArray(list)) throw validation("tags must be a list");
  for (const tag of list as readonly unknown[]) {
    const { key, value = "" } = (tag ?? {}) as { key?: unknown; value?: unknown };
    if (typeof key !== "string" || key === "" || key.length > 128 || typeof value !== "string")
      throw validation("Each tag needs a key of 1 to 128 characters and a value");
    tags.put(arn, key, value);
  }
  if (tags.of(arn).size > MAX_TAGS) throw tooManyTags(arn);
}

/** Returns the resource, which must be a machine or an activity. */
function resourceAt({ stores: { machines, activities } }: Api, parameters: Parameters): string {
  const arn = parameters.required("resourceArn");
  if (machines.get(arn) === undefined && activities.get(arn) === undefined) throw noResource(arn);
  return arn;
}

export const tagResource: Operation = (api, parameters) => {
  addTags(api, resourceAt(api, parameters), parameters.raw("tags"));
  return {};
};

export const untagResource: Operation = (api, parameters) => {
  const arn = resourceAt(api, parameters);
  const names = parameters.raw("tagKeys");
  if (!Array.isArray(names)) throw validation("tagKeys must be a list");
  for (const name of names as readonly unknown[]) api.stores.tags.remove(arn, String(name));
  return {};
};

export const listTagsForResource: Operation = (api, parameters) => ({
  tags: [...api.stores.tags.of(resourceAt(api, parameters))].map(([key, value]) => ({ key, value })),
});
