/** Terms of offers and contracts in words. */
import type { TFunction } from "i18next";

/** How many DataKits: a number, or no limit. */
export const dataKits = (t: TFunction<["contracts", "common"]>, limit: number): string =>
  limit < 0 ? t("noLimit") : t("dataKits", { count: limit });
