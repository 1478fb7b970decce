import { formatInstant } from '@/shared/format/dates'
import { formatNumber } from '@/shared/format/numbers'
import { Badge } from '@/shared/ui/badge'
import { cn } from '@/shared/ui/cn'
import { Notice } from '@/shared/ui/notice'
import { Panel } from '@/shared/ui/page'
import type { LedgerHour } from './pipeline.queries'

const columns = [
  ['accepted', 'Accepted'],
  ['stored', 'Stored'],
  ['duplicates', 'Duplicates'],
  ['dead', 'Dead'],
  ['discarded', 'Discarded'],
  ['quarantined', 'Quarantined'],
  ['in_flight', 'In flight'],
] as const

const cell = 'border-b border-border px-3 py-2 text-right whitespace-nowrap tabular-nums group-last:border-b-0'

/** The books of each hour of receipt, the latest first. */
export function LedgerTable({ hours, zone }: { hours: readonly LedgerHour[]; zone: string }) {
  if (hours.length === 0)
    return (
      <Panel>
        <Notice role="status" title="Nothing was received in the last 24 hours">
          Older hours are in the ledger that the API answers.
        </Notice>
      </Panel>
    )
  return (
    <Panel className="overflow-hidden">
      {/* A region that scrolls must be reachable by keyboard, or its right end is not. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div role="region" aria-label="Ledger by hour" tabIndex={0} className="overflow-x-auto -outline-offset-2">
        <table className="w-full border-separate border-spacing-0">
          <thead className="text-xs text-muted-foreground">
            <tr className="group">
              <th scope="col" className={cn(cell, 'text-left font-medium')}>
                Received
              </th>
              {columns.map(([key, label]) => (
                <th key={key} scope="col" className={cn(cell, 'font-medium')}>
                  {label}
                </th>
              ))}
              <th scope="col" className={cn(cell, 'font-medium')}>
                Balance
              </th>
            </tr>
          </thead>
          <tbody>
            {hours.map((hour) => (
              <tr key={hour.at} className="group hover:bg-muted">
                <th scope="row" className={cn(cell, 'text-left font-normal')}>
                  {formatInstant(new Date(hour.at), zone, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' })}
                </th>
                {columns.map(([key]) => (
                  <td key={key} className={cn(cell, hour[key] === 0 && 'text-muted-foreground')}>
                    {formatNumber(hour[key])}
                  </td>
                ))}
                <td className={cell}>{hour.balanced ? <Badge tone="success">Balanced</Badge> : <Badge tone="danger">Out of balance</Badge>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  )
}
