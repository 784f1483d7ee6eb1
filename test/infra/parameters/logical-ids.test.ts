import { expect, it } from "vitest";
import { synthesize } from "../synth/synthesized.ts";

/**
 * CloudFormation replaces a resource whose logical id changes: a table would lose its data, and a function with a fixed name could not
 * be deployed. Update the file (`vitest -u`) only for resources that are meant to be new, replaced or removed.
 */
it("resources keep their logical ids", async () => {
  const { app } = synthesize();
  const lines = app
    .synth()
    .stacks.flatMap(({ stackName, template }) =>
      Object.entries((template as { Resources: Record<string, { Type: string }> }).Resources).map(
        ([id, { Type }]) => `${stackName} ${Type} ${id}`,
      ),
    );
  await expect(`${lines.sort().join("\n")}\n`).toMatchFileSnapshot("./logical-ids.txt");
});
