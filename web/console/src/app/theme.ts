/** Light or dark: as chosen, or else as the system is. */
import { useSyncExternalStore } from "react";

export type Scheme = "light" | "dark";
const KEY = "edition-billing.theme";
const system = window.matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();
const tell = () => listeners.forEach((listener) => listener());

const present = (): Scheme =>
  (localStorage.getItem(KEY) as Scheme | null) ?? (system.matches ? "dark" : "light");

export function chooseScheme(scheme: Scheme): void {
  localStorage.setItem(KEY, scheme);
  tell();
}

export function useScheme(): Scheme {
  const scheme = useSyncExternalStore((listener) => {
    listeners.add(listener);
    system.addEventListener("change", tell);
    return () => listeners.delete(listener);
  }, present);
  document.documentElement.dataset.theme = scheme;
  return scheme;
}
