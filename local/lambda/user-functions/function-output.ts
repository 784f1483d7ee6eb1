/** Sluice's own output goes to standard output. That of functions goes to standard error, with the function's name before each line. */
export class FunctionOutput {
  /** Lines that have begun but not ended. */
  readonly #rest = new Map<string, string>();

  write(name: string, text: string): void {
    const lines = `${this.#rest.get(name) ?? ""}${text}`.split(/\r?\n/);
    const rest = lines.pop() ?? "";
    if (rest === "") this.#rest.delete(name);
    else this.#rest.set(name, rest);
    for (const line of lines) process.stderr.write(`[${name}] ${line}\n`);
  }

  /** Prints lines that were never ended. */
  end(): void {
    for (const name of [...this.#rest.keys()]) this.write(name, "\n");
  }
}
