import { useNameOf } from "../api/people.ts";

/** A user by name, with the id on hover. Shows the id of a user without a name. */
export function Person({ id }: { id: string }) {
  const name = useNameOf()(id);
  return name === id ? id : <span title={id}>{name}</span>;
}
