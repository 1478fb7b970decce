import { useMutation, useQueryClient } from '@tanstack/react-query'
import { ChevronRight, MoreHorizontal } from 'lucide-react'
import { useId, useState } from 'react'
import { formatAgoLive, formatMoment, formatUntil } from '@/shared/format/dates'
import { formatDuration } from '@/shared/format/numbers'
import { Alert } from '@/shared/ui/alert'
import { Badge } from '@/shared/ui/badge'
import { Button } from '@/shared/ui/button'
import { cn } from '@/shared/ui/cn'
import { DropdownMenu, DropdownMenuContent, DropdownMenuItem, DropdownMenuTrigger } from '@/shared/ui/dropdown-menu'
import { toast } from '@/shared/ui/toast'
import { useNow } from '@/shared/ui/use-now'
import { JobHistory } from './job-history'
import { secondsOf, stateWords } from './job-words'
import { cancelRun, jobsQuery, pauseJob, resumeJob, type Job } from './operations.queries'
import { RunJobDialog } from './run-job-dialog'

/** A job on a line: what it does, how it stands, and what to do with it; opened for its history. */
export function JobRow({ job }: { job: Job }) {
  const [open, setOpen] = useState(false)
  const [asking, setAsking] = useState(false)
  const details = useId()
  const queryClient = useQueryClient()
  const refresh = () => queryClient.invalidateQueries({ queryKey: jobsQuery.queryKey })
  const pause = useMutation({
    mutationFn: () => (job.paused ? resumeJob(job.name) : pauseJob(job.name)),
    onSuccess: async ({ paused }) => {
      toast({ title: paused ? `${job.name} is paused` : `${job.name} runs by its schedule again` })
      await refresh()
    },
  })
  const cancel = useMutation({
    mutationFn: (run: string) => cancelRun(run),
    onSuccess: async () => {
      toast({ title: `${job.name} is told to stop` })
      await refresh()
    },
  })
  const error = pause.error ?? cancel.error
  return (
    <li>
      <div className="grid grid-cols-[1fr_auto] items-start gap-x-4 gap-y-2 px-4 py-3 @3xl:grid-cols-[minmax(0,1fr)_minmax(0,20rem)_auto]">
        <div className="flex min-w-0 items-start gap-2">
          <button
            type="button"
            aria-expanded={open}
            aria-controls={details}
            aria-label={`History of ${job.name}`}
            onClick={() => setOpen(!open)}
            className="-ml-1 grid size-6 shrink-0 place-items-center rounded text-muted-foreground hover:bg-muted"
          >
            <ChevronRight className={cn('size-4 transition-transform', open && 'rotate-90')} aria-hidden />
          </button>
          <div className="min-w-0">
            <p className="flex flex-wrap items-center gap-x-2 font-medium">
              {job.name}
              {job.paused && <Badge tone="warning">Paused</Badge>}
            </p>
            <p className="max-w-prose text-muted-foreground">{job.description}</p>
          </div>
        </div>
        <Standing job={job} className="@max-3xl:col-start-1 @max-3xl:row-start-2 @max-3xl:pl-7" />
        <div className="flex items-center gap-1 @max-3xl:col-start-2 @max-3xl:row-start-1">
          {job.running && job.last ? (
            <Button variant="outline" size="small" disabled={cancel.isPending} onClick={() => job.last && cancel.mutate(job.last.id)} aria-label={`Cancel the run of ${job.name}`}>
              Cancel
            </Button>
          ) : (
            <Button variant="outline" size="small" onClick={() => setAsking(true)} aria-label={`Run ${job.name} now`}>
              Run now…
            </Button>
          )}
          <DropdownMenu>
            <DropdownMenuTrigger asChild>
              <Button variant="ghost" size="tiny" aria-label={`More for ${job.name}`} className="text-muted-foreground">
                <MoreHorizontal aria-hidden />
              </Button>
            </DropdownMenuTrigger>
            <DropdownMenuContent>
              <DropdownMenuItem onSelect={() => pause.mutate()}>{job.paused ? 'Resume' : 'Pause'}</DropdownMenuItem>
              <DropdownMenuItem onSelect={() => setOpen(!open)}>{open ? 'Hide the history' : 'Show the history'}</DropdownMenuItem>
            </DropdownMenuContent>
          </DropdownMenu>
        </div>
      </div>
      {error && <Alert className="mx-4 mb-3">{error.message}</Alert>}
      <div id={details}>{open && <JobHistory job={job.name} />}</div>
      {asking && <RunJobDialog job={job} onClose={() => setAsking(false)} />}
    </li>
  )
}

/** How it ended last, or runs, and when it runs next. */
function Standing({ job, className }: { job: Job; className?: string }) {
  const now = useNow(1_000)
  const { last } = job
  const state = last && stateWords[last.state]
  return (
    <div className={cn('min-w-0 space-y-0.5', className)}>
      {last && state ? (
        <>
          <p className="flex flex-wrap items-center gap-x-2">
            <Badge tone={state.tone}>{state.label}</Badge>
            <span className="text-muted-foreground tabular-nums" title={formatMoment(last.started_at)}>
              {job.running ? `for ${formatDuration(secondsOf(last, now))} on ${last.host}` : formatAgoLive(new Date(last.ended_at ?? last.started_at), now)}
            </span>
          </p>
          {(last.error ?? last.summary) && <p className={cn('line-clamp-2 break-words', last.error ? 'text-danger' : 'text-muted-foreground')}>{last.error ?? last.summary}</p>}
        </>
      ) : (
        <p className="text-muted-foreground">Has not run yet</p>
      )}
      <p className="text-xs text-muted-foreground tabular-nums" title={job.next_at ? formatMoment(job.next_at) : undefined}>
        {job.next_at ? `Next ${formatUntil(new Date(job.next_at), now)}` : job.paused ? 'Runs only when told to' : 'Not due again'} · <code className="font-mono">{job.schedule}</code>
      </p>
    </div>
  )
}
