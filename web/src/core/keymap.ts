/** Keys of the desk. Function keys, because letters belong to the form and to the input method. Pure. */

export type Action =
  | "answer" | "hangup" | "hold" | "mute" | "dtmf"
  | "targets" | "police" | "danger" | "abuse" | "recordPause" | "acknowledge" | "raiseHand" | "answerHand"
  | "ready" | "pause" | "nextCallback"
  | "submit" | "answeredOnSpot" | "followUp" | "newCase" | "category"
  | "search" | "help";

export interface Key {
  key: string;
  shift?: boolean;
  ctrl?: boolean;
}

export const KEYS: Record<Action, Key> = {
  help: { key: "F1" },
  raiseHand: { key: "F1", shift: true },
  answerHand: { key: "F1", ctrl: true },
  answer: { key: "F2" },
  hangup: { key: "F2", shift: true },
  search: { key: "F3" },
  category: { key: "F3", shift: true },
  hold: { key: "F4" },
  recordPause: { key: "F4", shift: true },
  targets: { key: "F6" },
  police: { key: "F6", shift: true },
  followUp: { key: "F7" },
  newCase: { key: "F7", shift: true },
  mute: { key: "F8" },
  dtmf: { key: "F8", shift: true },
  ready: { key: "F9" },
  pause: { key: "F9", shift: true },
  nextCallback: { key: "F9", ctrl: true },
  answeredOnSpot: { key: "F10" },
  // The last key of the row, found without looking. Guarded by core/guardedKey.ts: held, or struck twice.
  danger: { key: "F12" },
  abuse: { key: "F12", shift: true },
  acknowledge: { key: "F12", ctrl: true },
  submit: { key: "Enter", ctrl: true },
};

export interface Pressed {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  repeat?: boolean;
  isComposing?: boolean;
}

/** The action of a key press, or null. `typing` = the focus is in a field, where ? is only a question mark. */
export function actionOf(e: Pressed, typing: boolean): Action | null {
  if (e.repeat || e.isComposing || e.altKey) return null; // Enter that ends an input method's word is not ours
  return keyOf(e, typing);
}

/** The same for a key that is still held: its repeats belong to us too, and must not reach the browser. */
export function keyOf(e: Pressed, typing: boolean): Action | null {
  if (e.isComposing || e.altKey) return null;
  if (e.key === "?" && !typing && !e.ctrlKey && !e.metaKey) return "help";
  const ctrl = e.ctrlKey || e.metaKey;
  const found = Object.entries(KEYS).find(
    ([, k]) => k.key === e.key && (k.shift ?? false) === e.shiftKey && (k.ctrl ?? false) === ctrl,
  );
  return found ? (found[0] as Action) : null;
}

/** "Shift+F2", for people. */
export function keyText(action: Action): string {
  const k = KEYS[action];
  return [k.ctrl && "Ctrl", k.shift && "Shift", k.key].filter(Boolean).join("+");
}

/** The same in the words of aria-keyshortcuts. */
export const ariaKey = (action: Action): string => keyText(action).replace("Ctrl", "Control");

/** For an aria-keyshortcuts attribute and the list of keys: a digit or sign that a telephone can send. */
export const isDtmf = (key: string): boolean => /^[0-9*#]$/.test(key);
