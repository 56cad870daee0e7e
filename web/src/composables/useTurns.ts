/** One request after another, each told by name while it lasts; what fails is said. */

import { ref } from "vue";
import { useNotices } from "@/stores/notices";

export function useTurns() {
  const notices = useNotices();
  const busy = ref<string | null>(null);
  let line: Promise<unknown> = Promise.resolve();

  /** Waits for what is under way: nothing that was asked for meanwhile is lost. Null where it failed. */
  function run<T>(name: string, work: () => Promise<T>): Promise<T | null> {
    const turn = line.then(async () => {
      busy.value = name;
      try {
        return await work();
      } catch (error) {
        notices.error(error);
        return null;
      } finally {
        busy.value = null;
      }
    });
    line = turn;
    return turn;
  }

  /** As `run`, and nothing where the same is being done already: a key pressed twice. */
  const once = <T>(name: string, work: () => Promise<T>): Promise<T | null> => (busy.value === name ? Promise.resolve(null) : run(name, work));

  return { busy, run, once };
}
