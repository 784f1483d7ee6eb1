/** Sluice's own output goes to standard output, that of functions to standard error, each line with the function's name. */
export class FunctionOutput {
  /** The beginnings of lines. */
  readonly #rest = new Map<string, string>();

  write(name: string, text: string): void {
    const lines = `${this.#rest.get(name) ?? ""}${text}`.split(/\r?\n/);
    const rest = lines.pop() ?? "";
    if (rest === "") this.#rest.delete(name);
    else this.#rest.set(name, rest);
    for (const line of lines) process.stderr.write(`[${name}] ${line}\n`);
  }

  /** Shows the lines that nobody has ended. */
  end(): void {
    for (const name of [...this.#rest.keys()]) this.write(name, "\n");
  }
}
