/** Dates and times of day. What writes them is made at its first use: making one takes a browser tens of milliseconds. */

/** @param {Intl.DateTimeFormatOptions} options @returns {(at: number) => string} of milliseconds since 1970 */
function written(options) {
  /** @type {Intl.DateTimeFormat|undefined} */
  let format;
  return (at) => {
    format ??= new Intl.DateTimeFormat('en', { ...options, hourCycle: 'h23' });
    return format.format(at);
  };
}

/** "10:52:07". */
export const timeOfDay = written({ hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** "Nov 30, 2026, 10:52". */
export const dateAndTime = written({ dateStyle: 'medium', timeStyle: 'short' });

/** "Nov 30, 10:52". */
export const dayAndTime = written({ month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });
