/** A country, picked by its name in the person's language; its value is the code of ISO 3166-1. */
import { Select, type SelectProps } from "antd";
import { useTranslation } from "react-i18next";

const CODES =
  "AD AE AF AG AI AL AM AO AR AT AU AW AZ BA BB BD BE BF BG BH BI BJ BM BN BO BR BS BT BW BY BZ CA CD CF CG CH CI CK CL CM CN CO CR CU CV " +
  "CW CY CZ DE DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FM FO FR GA GB GD GE GH GI GL GM GN GQ GR GT GW GY HK HN HR HT HU ID IE IL IN IQ IR " +
  "IS IT JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MG MH MK ML MM MN MO MR MS MT MU MV MW MX " +
  "MY MZ NA NE NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PS PT PW PY QA RO RS RU RW SA SB SC SD SE SG SI SK SL SM SN SO SR SS ST SV " +
  "SY SZ TD TG TH TJ TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VN VU WS YE ZA ZM ZW";

export function Country(props: SelectProps<string>) {
  const { i18n } = useTranslation();
  const names = new Intl.DisplayNames(i18n.language, { type: "region" });
  const options = CODES.split(" ").map((code) => ({ value: code, label: `${names.of(code) ?? code} (${code})` }));
  return (
    <Select<string>
      {...props}
      showSearch={{ optionFilterProp: "label" }}
      options={options.sort((one, other) => one.label.localeCompare(other.label, i18n.language))}
    />
  );
}
