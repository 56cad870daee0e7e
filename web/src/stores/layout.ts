/** Which of the right column's pages is open. */

import { defineStore } from "pinia";
import { ref } from "vue";

export const PAGES = ["search", "targets", "meeting", "callbacks", "flags"] as const;
export type RightPage = (typeof PAGES)[number];

export const useLayout = defineStore("layout", () => {
  const right = ref<RightPage>("search");
  /** Counts up when the picker is asked for by its key: the cursor belongs into it. */
  const targetsRequest = ref(0);

  function openTargets(): void {
    right.value = "targets";
    targetsRequest.value += 1;
  }

  return { right, targetsRequest, openTargets };
});
