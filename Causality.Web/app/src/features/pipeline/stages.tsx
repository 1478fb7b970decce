import { ArrowRight, CircleCheck, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { formatBytes, formatCount, formatNumber, formatDuration } from '@/shared/format/numbers'
import { Badge } from '@/shared/ui/badge'
import { Panel } from '@/shared/ui/page'
import type { Flow, Ledger } from './pipeline.queries'
import { useRate } from './use-rate'

/** The stages that an event goes through, each with what has come to it, and how fast just now. */
export function Stages({ ledger, flow, at }: { ledger: Ledger; flow: Flow; at: number }) {
  const received = useRate(ledger.accepted, at)
  const stored = useRate(ledger.stored + ledger.duplicates, at)
  const { lake, freshness } = flow
  const aside = [
    [ledger.duplicates, 'duplicate'],
    [ledger.dead, 'dead'],
    [ledger.discarded, 'discarded'],
    [ledger.quarantined, 'quarantined'],
  ].filter(([count]) => count) as [number, string][]
  return (
    <ol aria-label="Stages" className="grid gap-x-8 gap-y-3 sm:grid-cols-2 xl:grid-cols-4">
      <Stage title="Received" figure={formatNumber(ledger.accepted)} rate={received} first>
        answered <em className="not-italic text-foreground">accepted</em>, all time
      </Stage>
      <Stage title="In flight" figure={formatNumber(ledger.in_flight)} state={ledger.in_flight === 0 ? <Badge tone="success">Drained</Badge> : <Badge tone="accent">On the way</Badge>}>
        durable on disk or in the queue, and not stored yet
      </Stage>
      <Stage
        title="Stored"
        figure={formatNumber(ledger.stored)}
        rate={stored}
        state={
          ledger.balanced ? (
            <Badge tone="success">
              <CircleCheck aria-hidden className="mr-1 size-3" />
              Balanced
            </Badge>
          ) : (
            <Badge tone="danger">
              <TriangleAlert aria-hidden className="mr-1 size-3" />
              Out of balance
            </Badge>
          )
        }
      >
        {aside.length > 0 ? aside.map(([count, what]) => `${formatNumber(count)} ${what}`).join(' · ') : 'no duplicate, none dead'}
      </Stage>
      <Stage title="In the lake" figure={formatBytes(lake.bytes)} {...(freshness?.p95_seconds != null ? { state: <Badge>Fresh in {formatDuration(freshness.p95_seconds)}</Badge> } : {})}>
        {formatCount(lake.events, 'event')} in {formatCount(lake.files, 'file')}
        {lake.events > 0 && <>, {formatNumber(lake.bytes / lake.events)} bytes each</>}
      </Stage>
    </ol>
  )
}

function Stage(props: { title: string; figure: string; rate?: number | undefined; state?: ReactNode; first?: boolean; children: ReactNode }) {
  return (
    <li className="relative">
      {!props.first && <ArrowRight aria-hidden className="absolute top-1/2 -left-6 hidden size-4 -translate-y-1/2 text-muted-foreground xl:block" />}
      <Panel className="h-full p-4">
        <div className="flex min-h-5 items-center justify-between gap-2">
          <h2 className="text-muted-foreground">{props.title}</h2>
          {props.state}
        </div>
        <p className="mt-2 flex items-baseline gap-2">
          <span className="text-2xl font-semibold tracking-tight tabular-nums">{props.figure}</span>
          {props.rate !== undefined && <span className="text-muted-foreground tabular-nums">{formatNumber(props.rate)}/s</span>}
        </p>
        <p className="mt-1 text-xs text-muted-foreground">{props.children}</p>
      </Panel>
    </li>
  )
}
