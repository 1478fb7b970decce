import { formatBytes, formatDuration, formatNumber } from '@/shared/format/numbers'

/** A figure's name says its unit: "working_set_bytes" and 210000000 → "working set", "210 MB". */
export function formatFigure(name: string, value: number): { label: string; text: string } {
  const unit = /_?(bytes|seconds)$/.exec(name)?.[1]
  const label = (name.replace(/_?(bytes|seconds)$/, '') || unit || name).replaceAll('_', ' ')
  if (unit === 'bytes') return { label, text: formatBytes(value) }
  if (unit === 'seconds') return { label, text: formatDuration(value) }
  return { label, text: formatNumber(value) }
}
