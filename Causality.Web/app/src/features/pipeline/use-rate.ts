import { useState } from 'react'

interface Reading {
  at: number
  value: number
}

/** Readings older than this say nothing of just now. */
const span = 20_000

/** How fast a figure that only grows has grown per second, over the readings of the last 20 seconds; undefined until there are two. */
export function useRate(value: number, at: number): number | undefined {
  const [readings, setReadings] = useState<Reading[]>([{ at, value }])
  const newest = readings.at(-1)
  if (newest && newest.at !== at) setReadings([...readings.filter((each) => at - each.at <= span), { at, value }])
  const oldest = readings[0]
  return oldest && newest && newest.at > oldest.at ? Math.max(0, (newest.value - oldest.value) / ((newest.at - oldest.at) / 1000)) : undefined
}
