import { queryOptions } from '@tanstack/react-query'
import { answer, api, type Answered } from '@/shared/api'

export type Flow = Answered<'/api/v1/pipeline/flow', 'get'>
export type Ledger = Answered<'/api/v1/pipeline/ledger', 'get'>
export type LedgerHour = NonNullable<Ledger['hours']>[number]

/** Often enough to watch a queue grow and drain. */
const freshEvery = 2_000
const day = 86_400_000

export const flowQuery = (app: string) =>
  queryOptions({
    queryKey: ['pipeline', app, 'flow'],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/pipeline/flow', { params: { query: { app_id: app } }, signal })),
    refetchInterval: freshEvery,
  })

/** The books of all time. */
export const ledgerQuery = (app: string) =>
  queryOptions({
    queryKey: ['pipeline', app, 'ledger'],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/pipeline/ledger', { params: { query: { app_id: app } }, signal })),
    refetchInterval: freshEvery,
  })

/** The books of the last 24 hours of receipt, hour by hour. */
export const ledgerByHourQuery = (app: string) =>
  queryOptions({
    queryKey: ['pipeline', app, 'hours'],
    queryFn: ({ signal }) =>
      answer(api.GET('/api/v1/pipeline/ledger', { params: { query: { app_id: app, by: 'hour', from: new Date(Date.now() - day).toISOString() } }, signal })),
    refetchInterval: freshEvery * 5,
  })
