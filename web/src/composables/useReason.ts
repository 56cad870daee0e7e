/** A stable code of what a line said or the switch refused, in words. */

import { useI18n } from "vue-i18n";

export function useReason(): (code: string) => string {
  const { t, te } = useI18n();
  return (code) => {
    const sip = /^sip\.(\d+)$/.exec(code);
    if (sip) return t("telephony.fault.sip", { what: sip[1] });
    const key = `commandReason.${code.replaceAll(".", "_")}`;
    return te(key) ? t(key) : code;
  };
}
