/** What became of whom we called: busy, no answer, refused, hung up on us. A normal outcome: said once, kept on the roster. */

import { watch } from "vue";
import { newlyFailed } from "@/core/roster";
import { t } from "@/locales";
import { useLive } from "@/stores/live";
import { useNotices } from "@/stores/notices";
import { useTargets } from "@/stores/targets";

export function useLegNews(): void {
  const live = useLive();
  const notices = useNotices();
  const targets = useTargets();

  watch(() => live.call, (now, before) => {
    if (!now || now.call_id !== before?.call_id) return;
    for (const p of newlyFailed(before, now)) {
      notices.say("info", t("roster.news", { name: targets.nameOf(p, now), state: t(`partyState.${p.state}`) }), `leg.${p.state}`);
    }
  });
}
