/**
 * Connects the key map to the desk. One listener for the page; a dialog that is open keeps its own keys. While another
 * page is shown (the desk is kept alive behind it) its keys are off.
 */

import { onActivated, onBeforeUnmount, onDeactivated, onMounted } from "vue";
import { type Action, actionOf } from "@/core/keymap";

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

export function useDeskKeys(handlers: Partial<Record<Action, () => void>>): void {
  function onKey(event: KeyboardEvent): void {
    const action = actionOf(event, isField(event.target));
    const handler = action && handlers[action];
    if (!handler) return;
    event.preventDefault();
    handler();
  }
  whileShown(
    () => window.addEventListener("keydown", onKey, { capture: true }),
    () => window.removeEventListener("keydown", onKey, { capture: true }),
  );
}

/** `on` when the page appears, `off` when it goes or another one is shown before it. Each may be called twice. */
export function whileShown(on: () => void, off: () => void): void {
  onMounted(on);
  onActivated(on);
  onDeactivated(off);
  onBeforeUnmount(off);
}

/** Puts the cursor into the control with this data-testid; keys name controls as the tests do. */
export function focusOn(testid: string): void {
  const found = document.querySelector<HTMLElement>(`[data-testid="${testid}"]`);
  const field = found?.matches("input,textarea,button") ? found : found?.querySelector<HTMLElement>("input,textarea,button");
  field?.focus();
}
