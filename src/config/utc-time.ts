/** PrivCount's time stamps, `2018-01-01T00:00:00Z`, to milliseconds since 1970: arithmetic, as pure layers have no clock. */

const PATTERN = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})Z$/;
const MS_PER_DAY = 86_400_000;

/** Undefined unless it is such a stamp, of a day that exists, from 1970 on. */
export function parseUtcSeconds(stamp: string): number | undefined {
  const parts = PATTERN.exec(stamp)?.slice(1).map(Number);
  if (parts === undefined) return undefined;
  const [year, month, day, hour, minute, second] = parts as [number, number, number, number, number, number];
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > daysOfMonth(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  let days = daysBeforeYear(year) - daysBeforeYear(1970) + day - 1;
  for (let earlier = 1; earlier < month; earlier += 1) days += daysOfMonth(year, earlier);
  return days * MS_PER_DAY + ((hour * 60 + minute) * 60 + second) * 1000;
}

function daysOfMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function daysBeforeYear(year: number): number {
  const before = year - 1;
  return before * 365 + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
}
