const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })

/** 12345 → "12,345". */
export const formatNumber = (value: number) => whole.format(value)

/** 12345 → "12.3K", 2250 → "2.25K", for axes and tight places. */
export const formatShort = (value: number) => short.format(value)

/** 3 → "3 events", 1 → "1 event". */
export const formatCount = (value: number, noun: string) => `${formatNumber(value)} ${noun}${value === 1 ? '' : 's'}`
