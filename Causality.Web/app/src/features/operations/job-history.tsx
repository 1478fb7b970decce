import { useInfiniteQuery } from '@tanstack/react-query'
import { formatMoment } from '@/shared/format/dates'
import { formatDuration } from '@/shared/format/numbers'
import { Alert } from '@/shared/ui/alert'
import { Badge } from '@/shared/ui/badge'
import { Button } from '@/shared/ui/button'
import { Skeleton } from '@/shared/ui/skeleton'
import { useNow } from '@/shared/ui/use-now'
import { formatFigure } from './figures'
import { orderWords, secondsOf, stateWords } from './job-words'
import { runsQuery, type JobRun } from './operations.queries'

/** The runs of a job, with what they counted or why they did not succeed. */
export function JobHistory({ job }: { job: string }) {
  const history = useInfiniteQuery(runsQuery(job))
  const runs = history.data?.pages.flatMap((page) => page.runs) ?? []
  return (
    <div className="space-y-3 bg-muted/50 px-4 py-3">
      {history.isError && (
        <Alert
          action={
            <Button size="small" variant="outline" onClick={() => void history.refetch()}>
              Try again
            </Button>
          }
        >
          The history could not be loaded: {history.error.message}
        </Alert>
      )}
      {history.isPending && (
        <div role="status" aria-label={`Loading the history of ${job}`} className="space-y-2">
          <Skeleton className="h-4 w-full" />
          <Skeleton className="h-4 w-2/3" />
        </div>
      )}
      {history.data && runs.length === 0 && <p className="text-muted-foreground">It has not run yet. Its runs are kept here for 30 days.</p>}
      {runs.length > 0 && (
        <ul aria-label={`Runs of ${job}`} className="divide-y divide-border">
          {runs.map((run) => (
            <Run key={run.id} run={run} />
          ))}
        </ul>
      )}
      {history.hasNextPage && (
        <Button variant="outline" size="small" disabled={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
          {history.isFetchingNextPage ? 'Loading…' : 'Load more'}
        </Button>
      )}
    </div>
  )
}

function Run({ run }: { run: JobRun }) {
  const now = useNow(1_000)
  const state = stateWords[run.state] ?? { label: run.state, tone: 'neutral' as const }
  const figures = Object.entries(run.figures ?? {})
  return (
    <li className="grid gap-x-4 gap-y-0.5 py-2 @2xl:grid-cols-[6rem_11rem_minmax(0,1fr)]">
      <span>
        <Badge tone={state.tone}>{state.label}</Badge>
      </span>
      <span className="text-muted-foreground tabular-nums">
        <time dateTime={run.started_at}>{formatMoment(run.started_at)}</time>
        <br />
        {formatDuration(secondsOf(run, now))}
      </span>
      <div className="min-w-0">
        {run.error ? <p className="break-words text-danger">{run.error}</p> : run.summary && <p className="break-words">{run.summary}</p>}
        {figures.length > 0 && (
          <dl className="flex flex-wrap gap-x-4 text-muted-foreground">
            {figures.map(([name, value]) => {
              const { label, text } = formatFigure(name, value)
              return (
                <div key={name} className="flex gap-1">
                  <dt>{label}</dt>
                  <dd className="text-foreground tabular-nums">{text}</dd>
                </div>
              )
            })}
          </dl>
        )}
        <p className="text-xs text-muted-foreground">
          {[run.trigger === 'admin' ? `Asked for by ${run.by ?? 'an administrator'}` : 'By its schedule', orderWords(run), `on ${run.host}`].filter(Boolean).join(' · ')}
        </p>
      </div>
    </li>
  )
}
