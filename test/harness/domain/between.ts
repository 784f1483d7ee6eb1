/** A part of the dependencies in which something else happens once, right after the first call of a method. */
export const afterFirst = <Part extends object>(
  part: Part,
  method: keyof Part,
  happens: () => Promise<unknown>,
): Part =>
  intercepted(part, method, async (call) => {
    const answer = await call();
    await happens();
    return answer;
  });

/** The same, right before the call: between the caller's read and its write. */
export const beforeFirst = <Part extends object>(
  part: Part,
  method: keyof Part,
  happens: () => Promise<unknown>,
): Part =>
  intercepted(part, method, async (call) => {
    await happens();
    return call();
  });

const intercepted = <Part extends object>(
  part: Part,
  method: keyof Part,
  first: (call: () => Promise<unknown>) => Promise<unknown>,
): Part => {
  let called = false;
  return new Proxy(part, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      // Bound to the part itself, whose private fields a proxy does not have.
      const bound = member.bind(target);
      if (name !== method || called) return bound;
      return (...args: unknown[]) => {
        called = true;
        return first(() => bound(...args));
      };
    },
  });
};
