/** The last fault of a telephone or trunk in words: its own where they exist, those of its kind otherwise. */

import { useI18n } from "vue-i18n";
import { faultWords } from "@/core/telephony";

export function useFault(): (fault: string) => string {
  const { t, te } = useI18n();
  return (fault) => {
    const own = `telephony.fault.${fault.replaceAll(".", "_")}`;
    if (te(own)) return t(own);
    const { key, what } = faultWords(fault);
    return te(`telephony.fault.${key}`) ? t(`telephony.fault.${key}`, { what }) : fault;
  };
}
