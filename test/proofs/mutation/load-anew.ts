import { inject, vi } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** Another number means that all modules are to be loaded anew. */
    loading: number;
  }
}

const loaded = globalThis as { loading?: number };

// Runs before each test file. Libraries stay loaded: no mutant is in them.
if (loaded.loading !== inject("loading")) {
  if (loaded.loading !== undefined) vi.resetModules();
  loaded.loading = inject("loading");
}
