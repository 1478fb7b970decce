import { useQuery } from '@tanstack/react-query'
import { CalendarClock } from 'lucide-react'
import { Alert } from '@/shared/ui/alert'
import { Notice } from '@/shared/ui/notice'
import { Failed, ListSkeleton, Panel } from '@/shared/ui/page'
import { JobRow } from './job-row'
import { OperationsFrame } from './operations-frame'
import { jobsQuery } from './operations.queries'

/** The jobs that keep the installation in order: when they run, how they ended, and what to do about it. */
export function JobsPage() {
  return (
    <OperationsFrame part="Jobs">
      <Jobs />
    </OperationsFrame>
  )
}

function Jobs() {
  const jobs = useQuery(jobsQuery)
  if (!jobs.data) return jobs.isError ? <Failed what="The jobs" error={jobs.error} onRetry={() => void jobs.refetch()} /> : <ListSkeleton rows={4} label="Loading the jobs" />
  if (jobs.data.length === 0)
    return (
      <Panel>
        <Notice role="status" title="There are no jobs" icon={<CalendarClock />}>
          This version brings none that run by themselves.
        </Notice>
      </Panel>
    )
  return (
    <div className="space-y-4">
      {jobs.isError && <Alert>The list is not up to date: {jobs.error.message}</Alert>}
      <Panel>
        <ul aria-label="Jobs" className="@container divide-y divide-border">
          {jobs.data.map((job) => (
            <JobRow key={job.name} job={job} />
          ))}
        </ul>
      </Panel>
      <p className="text-xs text-muted-foreground">Each job runs on one host with the role scheduler at a time, whichever is free. Schedules are in UTC.</p>
    </div>
  )
}
