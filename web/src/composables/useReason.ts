/** A stable code of what a line said or the switch refused, in words. */

import { useI18n } from "vue-i18n";
import { useFault } from "./useFault";

export function useReason(): (code: string) => string {
  const { t, te } = useI18n();
  const fault = useFault();
  return (code) => {
    if (/^sip\.\d+$/.test(code)) return fault(code);
    const key = `commandReason.${code.replaceAll(".", "_")}`;
    return te(key) ? t(key) : code;
  };
}
