/** A form of something that others change too: a newer version never touches what is being typed; it is said, and loaded when asked for. */

import { reactive, ref, watch } from "vue";
import { copy, rebased, same } from "@/core/rebase";

interface Versioned<Form> {
  version: string;
  form: Form;
}

/** `kept`: the last change that the server took; `name`: this form's. */
export function useVersioned<Form extends object>(newest: () => Versioned<Form>, kept: () => { name: string } | null = () => null, name: () => string = () => "") {
  const form = reactive(copy(newest().form)) as Form;
  let was = copy(newest().form);
  /** What a change of this form is based on. */
  const basedOn = ref(newest().version);
  /** Somebody else changed it, and something is typed here. */
  const changed = ref(false);

  function take(next: Form): void {
    Object.assign(form, copy(next));
    was = copy(newest().form);
    basedOn.value = newest().version;
    changed.value = false;
  }
  const adopt = (): void => take(newest().form);
  /** What they changed, and what was typed elsewhere. */
  const load = (): void => take(rebased(form, was, newest().form));

  watch(() => newest().version, (version) => {
    if (version === basedOn.value) return;
    if (same(form, was)) adopt();
    else changed.value = true;
  });
  watch(kept, (mine) => {
    if (mine?.name !== name()) return;
    was = copy(form); // the newer version that comes, or came, is this form's own
    if (changed.value) adopt();
  });

  return { form, basedOn, changed, adopt, load };
}
