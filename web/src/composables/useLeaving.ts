/** Leaving: the browser warns while a call or unsent text is here; signing out leaves the queue first, then the session. */

import { onBeforeUnmount, onMounted, ref, type Ref, watch } from "vue";
import { useDrafts } from "@/stores/drafts";
import { useLive } from "@/stores/live";
import { useNotices } from "@/stores/notices";
import { useSession } from "@/stores/session";
import { useDeskActions } from "./useDeskActions";

export function useLeaving(talking: Ref<boolean>) {
  const live = useLive();
  const drafts = useDrafts();
  const session = useSession();
  const notices = useNotices();
  const actions = useDeskActions();
  const wanted = ref(false);

  const end = () => session.signOut().catch(notices.error);

  function leave(): void {
    if (!live.agent) return void end();
    wanted.value = true;
    actions.signOut();
  }

  // The session ends only after the server's fact that the agent left the queue.
  watch(() => live.agent, (agent) => {
    if (!wanted.value || agent) return;
    wanted.value = false;
    void end();
  });
  watch(() => actions.pending.signOut.value, (pending) => {
    if (!pending && live.agent) wanted.value = false; // refused: said in a notice, the agent stays
  });

  function warn(event: BeforeUnloadEvent): void {
    if (talking.value || drafts.anyUnsent) event.preventDefault();
  }
  onMounted(() => window.addEventListener("beforeunload", warn));
  onBeforeUnmount(() => window.removeEventListener("beforeunload", warn));
  return { leave };
}
