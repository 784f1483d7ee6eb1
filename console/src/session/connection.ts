import { onlineManager } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";

/** Milliseconds between the attempts to reach the service again. */
export const PROBE_MS = 5_000;

let isReachable = true;
const listeners = new Set<() => void>();
const isConnected = (): boolean => isReachable && onlineManager.isOnline();

/** Records whether the service could be reached by the newest call. */
export const noteReachable = (reachable: boolean): void => {
  if (reachable === isReachable) return;
  isReachable = reachable;
  for (const listener of listeners) listener();
};

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  const leave = onlineManager.subscribe(listener);
  return () => {
    listeners.delete(listener);
    leave();
  };
};

/** Whether the browser is online and the service answers. */
export const useIsConnected = (): boolean => useSyncExternalStore(subscribe, isConnected);
