import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useId, useState, type SyntheticEvent } from 'react'
import { fieldError, formError } from '@/shared/api'
import { addDays, isDay } from '@/shared/format/dates'
import { Alert } from '@/shared/ui/alert'
import { Button } from '@/shared/ui/button'
import { Dialog, DialogActions, DialogClose, DialogContent } from '@/shared/ui/dialog'
import { Field } from '@/shared/ui/field'
import { Input } from '@/shared/ui/input'
import { toast } from '@/shared/ui/toast'
import { jobsQuery, runJob, type Job } from './operations.queries'

/** Has a job run now: on everything, or where the job can be narrowed on one app and some days; or as a trial that changes nothing. */
export function RunJobDialog({ job, onClose }: { job: Job; onClose: () => void }) {
  const [app, setApp] = useState('')
  const [from, setFrom] = useState('')
  const [to, setTo] = useState('')
  const [dryRun, setDryRun] = useState(false)
  const dry = useId()
  const queryClient = useQueryClient()
  const run = useMutation({
    mutationFn: () =>
      runJob(job.name, {
        ...(app.trim() ? { app_id: app.trim() } : {}),
        ...(isDay(from) ? { from: `${from}T00:00:00Z` } : {}),
        ...(isDay(to) ? { to: `${addDays(to, 1)}T00:00:00Z` } : {}),
        dry_run: dryRun,
      }),
    onSuccess: async () => {
      onClose()
      toast({ title: `${job.name} runs` })
      await queryClient.invalidateQueries({ queryKey: jobsQuery.queryKey })
    },
  })
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault()
    run.mutate()
  }
  const trouble = formError(run.error, ['app_id', 'from', 'to'])
  return (
    <Dialog open onOpenChange={onClose}>
      <DialogContent title={`Run ${job.name} now`} description={job.description}>
        <form onSubmit={submit} noValidate className="space-y-4">
          {job.scoped && (
            <>
              <Field label="App" note="optional" hint="Its id. Left empty: all apps." error={fieldError(run.error, 'app_id')}>
                {(control) => <Input {...control} value={app} onChange={(event) => setApp(event.target.value)} autoComplete="off" spellCheck={false} maxLength={128} />}
              </Field>
              <div className="grid gap-4 sm:grid-cols-2">
                <Field label="From" note="optional" hint="A day of UTC." error={fieldError(run.error, 'from')}>
                  {(control) => <Input {...control} type="date" value={from} onChange={(event) => setFrom(event.target.value)} />}
                </Field>
                <Field label="To, included" note="optional" error={fieldError(run.error, 'to')}>
                  {(control) => <Input {...control} type="date" value={to} onChange={(event) => setTo(event.target.value)} />}
                </Field>
              </div>
            </>
          )}
          <div className="flex items-start gap-2.5">
            <input
              id={dry}
              type="checkbox"
              aria-describedby={`${dry}-hint`}
              checked={dryRun}
              onChange={(event) => setDryRun(event.target.checked)}
              className="mt-0.5 size-4 shrink-0 accent-primary"
            />
            <div>
              <label htmlFor={dry} className="font-medium">
                Dry run
              </label>
              <p id={`${dry}-hint`} className="text-xs text-muted-foreground">
                Changes nothing, and tells in the history what it would do.
              </p>
            </div>
          </div>
          {trouble && <Alert>{trouble}</Alert>}
          <DialogActions>
            <DialogClose asChild>
              <Button variant="outline">Cancel</Button>
            </DialogClose>
            <Button type="submit" disabled={run.isPending}>
              {dryRun ? 'Try it' : 'Run now'}
            </Button>
          </DialogActions>
        </form>
      </DialogContent>
    </Dialog>
  )
}
