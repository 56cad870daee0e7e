/** Telephone numbers and durations as people read them. Pure. */

const AREA3 = /^0(10|2\d)/;

/** 13912345678 → 139 1234 5678; 01088886666 → 010 8888 6666; 053188886666 → 0531 8888 6666; short codes stay. */
export function readable(raw: string | null | undefined): string {
  if (!raw) return "";
  const digits = raw.replace(/[\s-]/g, "").replace(/^(\+86|0086)(?=\d{5,})/, "");
  if (digits.startsWith("+")) return digits.replace(/^(\+\d{1,3}?)(\d{3})(\d{3,4})(\d{4})$/, "$1 $2 $3 $4");
  if (/^1\d{10}$/.test(digits)) return digits.replace(/(\d{3})(\d{4})(\d{4})/, "$1 $2 $3");
  if (/^0\d{9,11}$/.test(digits)) {
    const area = AREA3.test(digits) ? 3 : 4;
    const local = digits.slice(area);
    const cut = local.length - 4;
    return `${digits.slice(0, area)} ${local.slice(0, cut)} ${local.slice(cut)}`;
  }
  if (/^[48]00\d{7}$/.test(digits)) return digits.replace(/(\d{3})(\d{3})(\d{4})/, "$1 $2 $3");
  return digits;
}

/** 75.4 → 01:15; 3675 → 1:01:15. Cut, not rounded: a clock does not show a second before it has passed. */
export function clockText(seconds: number | null | undefined): string {
  const s = Math.max(0, Math.floor(seconds ?? 0));
  const two = (n: number) => String(n).padStart(2, "0");
  const h = Math.floor(s / 3600);
  return (h ? `${h}:` : "") + `${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

/** The same for a countdown: rounded up, so that 00:00 means over. */
export const countdownText = (seconds: number): string => clockText(Math.ceil(seconds));

/** Keeps its first and last character: what a shoulder may see of a secret. */
export function masked(secret: string): string {
  return secret.length < 3 ? "•••" : `${secret[0]}${"•".repeat(8)}${secret.at(-1)}`;
}
