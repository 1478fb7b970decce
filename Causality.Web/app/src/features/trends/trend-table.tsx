import { formatNumber } from '@/shared/format/numbers'
import { cn } from '@/shared/ui/cn'
import type { Interval } from './range'
import { bucketLabel, type Bucket, type Line } from './series'
import { Swatch } from './trend-legend'

const cell = 'border-b border-border px-3 py-2 text-right whitespace-nowrap tabular-nums'
const first = 'sticky left-0 z-10 max-w-36 border-r bg-surface text-left sm:max-w-64'

/** Every series with its total and its value in each bucket, and the sum of all where there are several. */
export function TrendTable(props: { lines: readonly Line[]; buckets: readonly Bucket[]; interval: Interval; zone: string }) {
  const { lines, buckets, interval, zone } = props
  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0)
  return (
    // A region that scrolls must be reachable by keyboard, or its right end is not.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div role="region" aria-label="Values" tabIndex={0} className="overflow-x-auto rounded-b-xl -outline-offset-2">
      <table className="w-full border-separate border-spacing-0">
        <thead className="text-xs text-muted-foreground">
          <tr>
            <th scope="col" className={cn(cell, first, 'font-medium')}>
              Series
            </th>
            <th scope="col" className={cn(cell, 'font-medium')}>
              Total
            </th>
            {buckets.map((bucket) => (
              <th key={bucket.at} scope="col" className={cn(cell, 'font-medium')} title={bucket.unfinished ? 'Still filling' : undefined}>
                {bucketLabel(bucket.at, interval, zone)}
                {bucket.unfinished && <span aria-label=", still filling"> …</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.key} className="group">
              <th scope="row" className={cn(cell, first, 'font-normal group-hover:bg-muted')}>
                <span className="flex items-center gap-2" title={line.label}>
                  <Swatch line={line} />
                  <span className="truncate">{line.label}</span>
                </span>
              </th>
              <td className={cn(cell, 'font-medium group-hover:bg-muted')}>{formatNumber(line.total)}</td>
              {line.values.map((value, index) => (
                <td key={buckets[index]?.at ?? index} className={cn(cell, 'group-hover:bg-muted', value === 0 && 'text-muted-foreground')}>
                  {formatNumber(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        {lines.length > 1 && (
          <tfoot className="font-medium">
            <tr>
              <th scope="row" className={cn(cell, first, 'border-b-0')}>
                All series
              </th>
              <td className={cn(cell, 'border-b-0')}>{formatNumber(sum(lines.map((line) => line.total)))}</td>
              {buckets.map((bucket, index) => (
                <td key={bucket.at} className={cn(cell, 'border-b-0')}>
                  {formatNumber(sum(lines.map((line) => line.values[index] ?? 0)))}
                </td>
              ))}
            </tr>
          </tfoot>
        )}
      </table>
    </div>
  )
}
