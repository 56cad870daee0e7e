/** Days and times of the site's own zone, wherever the browser stands. Pure. */

/** The calendar day at the site, YYYY-MM-DD. */
export const siteDay = (moment: Date, zone?: string): string =>
  // Sweden writes dates as ISO 8601 does.
  moment.toLocaleDateString("sv-SE", { timeZone: zone });

export const siteTime = (moment: Date, locale: string, zone?: string, seconds = false): string =>
  moment.toLocaleTimeString(locale, {
    hour: "2-digit", minute: "2-digit", second: seconds ? "2-digit" : undefined, hourCycle: "h23", timeZone: zone,
  });
