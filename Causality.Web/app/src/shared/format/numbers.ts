const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })

/** 12345 → "12,345". */
export const formatNumber = (value: number) => whole.format(value)

/** 12345 → "12.3K", 2250 → "2.25K", for axes and tight places. */
export const formatShort = (value: number) => short.format(value)

/** 3 → "3 events", 1 → "1 event". */
export const formatCount = (value: number, noun: string) => `${formatNumber(value)} ${noun}${value === 1 ? '' : 's'}`

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** 210000000 → "210 MB"; in thousands, as disks are sold. */
export function formatBytes(bytes: number): string {
  const power = Math.min(Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)), units.length - 1)
  const value = bytes / 1000 ** power
  return `${value >= 100 || power === 0 ? Math.round(value) : Number(value.toPrecision(3))} ${units[power]}`
}

/** 4.25 → "4.3 s", 130 → "2 min 10 s", 7300 → "2 h 1 min". */
export function formatDuration(seconds: number): string {
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const [large, small, largeUnit, smallUnit] =
    whole < 3600 ? [whole / 60, whole % 60, 'min', 's'] : whole < 86_400 ? [whole / 3600, (whole % 3600) / 60, 'h', 'min'] : [whole / 86_400, (whole % 86_400) / 3600, 'd', 'h']
  return Math.floor(small) > 0 ? `${Math.floor(large)} ${largeUnit} ${Math.floor(small)} ${smallUnit}` : `${Math.floor(large)} ${largeUnit}`
}
