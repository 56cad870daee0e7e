/** Whether this page is older than the server's: left open over an update, it may show less than there is, or ask in old words. */

import { defineStore } from "pinia";
import { ref } from "vue";
import { http } from "./session";

export const usePages = defineStore("pages", () => {
  const old = ref(false);
  const mine = document.querySelector('script[type="module"][src^="/assets/"]')?.getAttribute("src");
  http.onPages = (script) => (old.value = !!mine && script !== mine);
  return { old };
});
