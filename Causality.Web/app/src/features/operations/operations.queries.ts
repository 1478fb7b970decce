import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { answer, api, type Answered } from '@/shared/api'

export type Job = Answered<'/api/v1/operations/jobs', 'get'>[number]
export type JobRun = Answered<'/api/v1/operations/jobs/{job}/runs', 'get'>['runs'][number]
export type Host = Answered<'/api/v1/operations/hosts', 'get'>[number]

/** What to run: everything, or one app, or event times from (included) to (not included). */
export interface RunOrder {
  app_id?: string
  from?: string
  to?: string
  dry_run: boolean
}

/** Hosts tell of themselves every two seconds; what one sees is a few seconds old at most. */
const refreshEvery = 3_000
const pageSize = 20

export const jobsQuery = queryOptions({
  queryKey: ['jobs'],
  queryFn: ({ signal }) => answer(api.GET('/api/v1/operations/jobs', { signal })),
  refetchInterval: refreshEvery,
})

/** The runs of a job, the latest first, page after page. */
export const runsQuery = (job: string) =>
  infiniteQueryOptions({
    queryKey: ['jobs', job, 'runs'],
    queryFn: ({ signal, pageParam }) =>
      answer(api.GET('/api/v1/operations/jobs/{job}/runs', { params: { path: { job }, query: { limit: pageSize, ...(pageParam ? { before: pageParam } : {}) } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: refreshEvery,
  })

export const hostsQuery = queryOptions({
  queryKey: ['hosts'],
  queryFn: ({ signal }) => answer(api.GET('/api/v1/operations/hosts', { signal })),
  refetchInterval: refreshEvery,
})

export const runJob = (job: string, order: RunOrder) => answer(api.POST('/api/v1/operations/jobs/{job}/run', { params: { path: { job } }, body: order }))

export const pauseJob = (job: string) => answer(api.POST('/api/v1/operations/jobs/{job}/pause', { params: { path: { job } } }))

export const resumeJob = (job: string) => answer(api.POST('/api/v1/operations/jobs/{job}/resume', { params: { path: { job } } }))

export const cancelRun = (run: string) => answer(api.POST('/api/v1/operations/runs/{run_id}/cancel', { params: { path: { run_id: run } } }))
