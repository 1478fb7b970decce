import { formatNumber } from '@/shared/format/numbers'
import { cn } from '@/shared/ui/cn'
import { useCutEdges } from '@/shared/ui/cut-edges'
import { LineName } from './event-name'
import type { Interval } from './range'
import { bucketLabel, type Bucket, type Line } from './series'
import { Swatch } from './trend-legend'

const cell = 'border-b border-border px-3 py-2 text-right whitespace-nowrap tabular-nums'
const first = 'sticky left-0 z-10 max-w-40 border-r bg-surface text-left transition-shadow sm:max-w-64 group-data-[cut~=left]/cut:shadow-[8px_0_10px_-6px_rgb(0_0_0/0.3)]'

/** Every series with its total and its value in each bucket, the newest first, and the sum of all where there are several. */
export function TrendTable(props: { lines: readonly Line[]; buckets: readonly Bucket[]; interval: Interval; zone: string }) {
  const { lines, interval, zone } = props
  const buckets = props.buckets.map((bucket, index) => ({ ...bucket, index })).reverse()
  const [region, cut] = useCutEdges<HTMLDivElement>()
  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0)
  return (
    <div data-cut={cut} className="group/cut relative">
      {/* A region that scrolls must be reachable by keyboard, or its right end is not. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={region} role="region" aria-label="Values" tabIndex={0} className="overflow-x-auto rounded-b-xl -outline-offset-2">
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
                <th key={bucket.at} scope="col" className={cn(cell, 'font-medium')}>
                  {bucketLabel(bucket.at, interval, zone)}
                  {bucket.unfinished && <span className="font-normal"> so far</span>}
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
                    <LineName line={line} stacked />
                  </span>
                </th>
                <td className={cn(cell, 'font-medium group-hover:bg-muted')}>{formatNumber(line.total)}</td>
                {buckets.map(({ at, index }) => (
                  <td key={at} className={cn(cell, 'group-hover:bg-muted', !line.values[index] && 'text-muted-foreground')}>
                    {formatNumber(line.values[index] ?? 0)}
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
                {buckets.map(({ at, index }) => (
                  <td key={at} className={cn(cell, 'border-b-0')}>
                    {formatNumber(sum(lines.map((line) => line.values[index] ?? 0)))}
                  </td>
                ))}
              </tr>
            </tfoot>
          )}
        </table>
      </div>
      <div
        aria-hidden
        className="pointer-events-none absolute inset-y-0 right-0 w-5 bg-linear-to-l from-foreground/15 to-transparent opacity-0 transition-opacity group-data-[cut~=right]/cut:opacity-100"
      />
    </div>
  )
}
