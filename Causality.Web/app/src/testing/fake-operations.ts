import type { JobRun, RunOrder } from '@/features/operations/operations.queries'
import type { FakeHost } from './fake-host'
import { json, problem, route } from './fake-http'

const operations = '/api/v1/operations'

export const operationsRoutes = (host: FakeHost) => {
  const change = (name: string | undefined, part: object) => {
    host.jobs = host.jobs.map((job) => (job.name === name ? { ...job, ...part } : job))
    return host.jobs.find((job) => job.name === name)
  }
  return [
    route('GET', `${operations}/jobs`, () => json(host.jobs)),
    route('GET', `${operations}/jobs/:/runs`, ({ parts: [job], query }) => {
      const all = host.runs.filter((run) => run.job === job)
      const from = all.findIndex((run) => run.id === query.get('before')) + 1
      const runs = all.slice(from, from + Number(query.get('limit')))
      const last = runs.at(-1)
      return json({ runs, ...(last && last !== all.at(-1) ? { next: last.id } : {}) })
    }),
    route('POST', `${operations}/jobs/:/run`, ({ parts: [job], body }) => {
      const run: JobRun = { id: `r-${host.runs.length + 1}`, job: job ?? '', trigger: 'admin', by: 'ada@example.com', host: 'box:8080', started_at: new Date().toISOString(), state: 'running', ...(body as RunOrder) }
      host.runs = [run, ...host.runs]
      change(job, { running: true, last: run })
      return json(run, 202)
    }),
    route('POST', `${operations}/jobs/:/pause`, ({ parts: [job] }) => json(change(job, { paused: true, next_at: undefined }))),
    route('POST', `${operations}/jobs/:/resume`, ({ parts: [job] }) => json(change(job, { paused: false, next_at: new Date(Date.now() + 90_000).toISOString() }))),
    route('POST', `${operations}/runs/:/cancel`, ({ parts: [id] }) => {
      const run = host.runs.find((each) => each.id === id)
      if (run?.state !== 'running') return problem(409, 'The run has ended already.', { code: 'run-ended' })
      const cancelled: JobRun = { ...run, state: 'cancelled', ended_at: new Date().toISOString(), error: 'Cancelled by ada@example.com.' }
      host.runs = host.runs.map((each) => (each === run ? cancelled : each))
      change(run.job, { running: false, last: cancelled })
      return json(run)
    }),
    route('GET', `${operations}/hosts`, () => json(host.hosts)),
  ]
}
