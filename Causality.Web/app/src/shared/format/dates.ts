const day = 86_400_000

/** A calendar day, YYYY-MM-DD. */
export type Day = string

export const browserZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone

export function isZone(zone: string) {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

/** Whether a text is a day of the calendar, which February 30 is not. */
export const isDay = (text: string): text is Day =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(Date.parse(text)).toISOString().startsWith(text)

/** The calendar day of an instant in a time zone. */
export const dayOf = (instant: Date, zone: string): Day =>
  new Intl.DateTimeFormat('sv', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(instant)

export const addDays = (from: Day, days: number): Day => new Date(Date.parse(from) + days * day).toISOString().slice(0, 10)

/** Days from one calendar day to another. */
export const daysBetween = (from: Day, to: Day) => Math.round((Date.parse(to) - Date.parse(from)) / day)

/** The Monday of a day's week. */
export const weekOf = (of: Day): Day => addDays(of, -((new Date(Date.parse(of)).getUTCDay() + 6) % 7))

export const monthOf = (of: Day): Day => `${of.slice(0, 8)}01`

/** The start of the hour in which an instant lies; in some zones hours do not begin with UTC's. */
export function hourOf(instant: Date, zone: string): Date {
  const minutes = Number(new Intl.DateTimeFormat('en', { timeZone: zone, minute: 'numeric' }).format(instant))
  const minute = Math.floor(instant.getTime() / 60_000)
  return new Date((minute - minutes) * 60_000)
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Formats an instant in a zone, in English; the formatter is kept, for it is dear to make. */
export function formatInstant(instant: Date, zone: string, options: Intl.DateTimeFormatOptions) {
  const key = zone + JSON.stringify(options)
  let format = formats.get(key)
  if (!format) formats.set(key, (format = new Intl.DateTimeFormat('en', { timeZone: zone, hourCycle: 'h23', ...options })))
  return format.format(instant)
}

/** "3 min ago", "2 d ago"; for when something was last seen. */
export function formatAgo(instant: Date, now: Date) {
  const seconds = Math.max(0, Math.round((now.getTime() - instant.getTime()) / 1000))
  if (seconds < 60) return 'just now'
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`
  return `${Math.floor(seconds / 86_400)} d ago`
}

/** As formatAgo, but to the second: "4 s ago", for what is watched live. */
export function formatAgoLive(instant: Date, now: Date) {
  const seconds = Math.max(0, Math.round((now.getTime() - instant.getTime()) / 1000))
  return seconds < 60 ? `${seconds} s ago` : formatAgo(instant, now)
}

/** "in 40 s", "in 3 min", "in 2 d"; "now" for what is due. */
export function formatUntil(instant: Date, now: Date) {
  const seconds = Math.round((instant.getTime() - now.getTime()) / 1000)
  if (seconds < 1) return 'now'
  if (seconds < 60) return `in ${seconds} s`
  if (seconds < 3600) return `in ${Math.round(seconds / 60)} min`
  if (seconds < 86_400) return `in ${Math.round(seconds / 3600)} h`
  return `in ${Math.round(seconds / 86_400)} d`
}

/** "Nov 21, 2026, 14:05" in a zone, absent the browser's. */
export const formatMoment = (instant: string, zone = browserZone()) =>
  formatInstant(new Date(instant), zone, { year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' })

/** "Nov 21, 2026". */
export const formatDate = (instant: string, zone = browserZone()) => formatInstant(new Date(instant), zone, { year: 'numeric', month: 'short', day: 'numeric' })

/** "GMT+1" for a zone at an instant. */
export const zoneOffset = (zone: string, at: Date) =>
  new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'shortOffset' }).formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? ''
