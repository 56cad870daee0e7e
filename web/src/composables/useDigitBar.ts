/** A row of buttons that a key puts the focus into: then its digit chooses, and the arrows move. As the pause menu does. */

export function onDigitBarKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const items = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLButtonElement>("button[data-digit]")];
  const chosen = items.find((b) => b.dataset.digit === event.key);
  const step = event.key === "ArrowRight" || event.key === "ArrowDown" ? 1 : event.key === "ArrowLeft" || event.key === "ArrowUp" ? -1 : 0;
  if (chosen) chosen.click();
  else if (step) items[(items.indexOf(document.activeElement as HTMLButtonElement) + step + items.length) % items.length]?.focus();
  else return;
  event.preventDefault();
}
