import { useSyncExternalStore } from "react";
import { onClockChange, serverNow } from "../api/client.ts";

const TICK_MS = 15_000;

const listeners = new Set<() => void>();
let now = 0;
let stop: (() => void) | undefined;

const tick = (): void => {
  now = serverNow();
  for (const listener of listeners) listener();
};

const start = (): (() => void) => {
  const timer = setInterval(tick, TICK_MS);
  const forget = onClockChange(tick);
  return () => {
    clearInterval(timer);
    forget();
    now = 0;
  };
};

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  stop ??= start();
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    stop?.();
    stop = undefined;
  };
};

const current = (): number => {
  if (now === 0) now = serverNow();
  return now;
};

/** The server's time in epoch milliseconds, at most 15 seconds old. All relative times of the page share one timer. */
export const useRoughNow = (): number => useSyncExternalStore(subscribe, current);
