import { useQuery } from '@tanstack/react-query'
import { CloudOff, MousePointerClick, SearchX } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { formatInstant } from '@/shared/format/dates'
import { formatNumber } from '@/shared/format/numbers'
import { Button } from '@/shared/ui/button'
import { cn } from '@/shared/ui/cn'
import { Notice } from '@/shared/ui/notice'
import { Skeleton } from '@/shared/ui/skeleton'
import { breakdownLabel } from './breakdown-columns'
import { categoriesOf } from './event-name'
import { includesNow } from './range'
import { begun, bucketsOf, drawnAtFirst, linesOf, toggled, type Shown } from './series'
import { TrendChart } from './trend-chart'
import { TrendLegend } from './trend-legend'
import { TrendTable } from './trend-table'
import { trendsQuery, type EventType, type Question } from './trends.queries'

/** The answer: chart, legend, table, and where the numbers come from. */
export function TrendsReport(props: {
  question: Question
  types: readonly EventType[]
  show: Shown
  onShow: (show: Shown) => void
  /** The store has grown since the last answer: there may be event types that were not seen before. */
  onNews: () => void
}) {
  const { question, types, show, onShow } = props
  const { interval, zone } = question
  const trends = useQuery(trendsQuery(question))
  const [focused, setFocused] = useState<string>()
  const answered = trends.data?.series
  const series = useMemo(() => begun(answered ?? []), [answered])
  const categories = useMemo(() => categoriesOf(types), [types])
  const lines = useMemo(() => linesOf(series, show, categories), [series, show, categories])
  const buckets = useMemo(() => bucketsOf(series), [series])
  useOnGrowth(trends.data?.snapshot, props.onNews)

  if (question.events.length === 0)
    return (
      <section className={panel}>
        <Notice role="status" title="Choose one or more events" icon={<MousePointerClick />}>
          Each becomes a line: how often it happened, over time.
        </Notice>
      </section>
    )
  if (trends.isError && !trends.data)
    return (
      <section className={panel}>
        <Notice role="alert" title="The question could not be answered" icon={<CloudOff />} action={<Button onClick={() => void trends.refetch()}>Try again</Button>}>
          {trends.error.message}
        </Notice>
      </section>
    )
  if (!trends.data) return <ReportSkeleton />

  const empty = lines.every((line) => line.total === 0)
  const hidden = lines.filter((line) => !line.shown).length
  return (
    <section aria-label="Answer" aria-busy={trends.isPlaceholderData} className={cn('transition-opacity delay-150', trends.isPlaceholderData && 'opacity-60')}>
      {trends.isError && (
        <p role="alert" className="mb-3 flex flex-wrap items-center justify-between gap-2 rounded-lg border border-danger/40 bg-danger-surface px-3 py-2 text-danger">
          <span>
            Not up to date since {formatInstant(new Date(trends.dataUpdatedAt), zone, { hour: '2-digit', minute: '2-digit', second: '2-digit' })}: {trends.error.message}
          </span>
          <Button variant="outline" size="small" className="text-foreground" onClick={() => void trends.refetch()}>
            Try again
          </Button>
        </p>
      )}
      <div className={panel}>
        <div className="flex flex-wrap items-baseline justify-between gap-x-4 px-4 pt-4">
          <h2 className="font-medium">
            Number of events by {interval}
            {question.breakdown && `, broken down by ${breakdownLabel(question.breakdown).toLowerCase()}`}
          </h2>
          {(hidden > 0 || lines.length > drawnAtFirst) && (
            <p className="text-xs text-muted-foreground">
              {hidden > 0 ? `${lines.length - hidden} of ${lines.length} series drawn` : `All ${lines.length} series drawn`}
              {show !== undefined && lines.length > drawnAtFirst && (
                <Button variant="ghost" size="small" className="ml-1 text-primary" onClick={() => onShow(undefined)}>
                  Draw top {drawnAtFirst}
                </Button>
              )}
              {hidden > 0 && (
                <Button variant="ghost" size="small" className="ml-1 text-primary" onClick={() => onShow(lines.length > drawnAtFirst ? 'all' : undefined)}>
                  Draw all
                </Button>
              )}
            </p>
          )}
        </div>
        {empty ? (
          <Notice role="status" title="Nothing happened in this range" icon={<SearchX />} className="h-72 md:h-80">
            None of the chosen events was seen. Try a longer range or other events.
          </Notice>
        ) : (
          <>
            <div className="h-64 pt-3 pr-1 pl-1 md:h-80">
              <TrendChart lines={lines} buckets={buckets} interval={interval} zone={zone} focused={focused} />
            </div>
            <div className="px-2 pt-1 pb-3">
              <TrendLegend lines={lines} onToggle={(key) => onShow(toggled(lines, key))} onFocus={setFocused} />
            </div>
          </>
        )}
        {lines.length > 0 && (
          <div className="border-t border-border">
            <TrendTable lines={lines} buckets={buckets} interval={interval} zone={zone} />
          </div>
        )}
      </div>
      <footer className="flex flex-wrap items-center gap-x-4 gap-y-1 px-1 pt-3 text-xs text-muted-foreground">
        {includesNow(question.range, zone, new Date()) && (
          <span className="flex items-center gap-1.5">
            <span className={cn('size-1.5 rounded-full', trends.isError ? 'bg-danger' : 'bg-success')} aria-hidden />
            {trends.isError ? 'Not live' : 'Live'}
          </span>
        )}
        <span>
          Answered in {formatNumber(trends.data.elapsed_ms)} ms from snapshot {trends.data.snapshot}
        </span>
        <span>Times in {zone.replaceAll('_', ' ')}</span>
        {!empty && buckets.some((bucket) => bucket.unfinished) && <span>Dotted: the {interval} is not over yet</span>}
      </footer>
    </section>
  )
}

/** Calls when a number has grown since it was last seen; the first is only remembered. */
function useOnGrowth(number: number | undefined, onGrowth: () => void) {
  const last = useRef<number>(undefined)
  useEffect(() => {
    if (number === undefined) return
    if (last.current !== undefined && number > last.current) onGrowth()
    last.current = number
  })
}

const panel = 'overflow-hidden rounded-xl border border-border bg-surface'

function ReportSkeleton() {
  return (
    <div role="status" aria-label="Counting" className={cn(panel, 'space-y-4 p-4')}>
      <Skeleton className="h-5 w-48" />
      <Skeleton className="h-64 w-full" />
      <Skeleton className="h-5 w-72 max-w-full" />
      <Skeleton className="h-24 w-full" />
    </div>
  )
}
