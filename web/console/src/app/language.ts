/** The language of the console: the one chosen, or else the browser's; Chinese or English. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type zh from "@/locales/zh";
import type staffOnly from "@/locales/zh/staffOnly";

export type Language = "zh" | "en";
const KEY = "edition-billing.language";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    resources: typeof zh & typeof staffOnly;
  }
}

const load = {
  zh: () => Promise.all([import("@/locales/zh"), import("dayjs/locale/zh-cn")]).then(([texts]) => texts),
  en: () => import("@/locales/en"),
};
const loadStaff = { zh: () => import("@/locales/zh/staffOnly"), en: () => import("@/locales/en/staffOnly") };
let withStaff = false;

export function language(): Language {
  const chosen = localStorage.getItem(KEY) ?? navigator.language;
  return chosen.toLowerCase().startsWith("zh") ? "zh" : "en";
}

async function use(chosen: Language): Promise<void> {
  const loaded = await Promise.all([load[chosen](), ...(withStaff ? [loadStaff[chosen]()] : [])]);
  for (const { default: texts } of loaded) {
    for (const [namespace, resources] of Object.entries(texts)) i18next.addResourceBundle(chosen, namespace, resources);
  }
  document.documentElement.lang = chosen === "zh" ? "zh-CN" : "en";
}

export async function startLanguage(): Promise<void> {
  const chosen = language();
  await i18next.use(initReactI18next).init({
    lng: chosen,
    resources: {},
    defaultNS: "common",
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  await use(chosen);
}

export async function chooseLanguage(chosen: Language): Promise<void> {
  localStorage.setItem(KEY, chosen);
  await use(chosen);
  await i18next.changeLanguage(chosen);
}

/** Have the texts of the staff's pages from now on, in whichever language. */
export async function loadStaffTexts(): Promise<void> {
  withStaff = true;
  await use(language());
}
