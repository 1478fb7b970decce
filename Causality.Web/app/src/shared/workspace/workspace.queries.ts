import { queryOptions } from '@tanstack/react-query'
import { answer, api, type Answered } from '@/shared/api'

export type Organization = Answered<'/api/v1/organizations', 'get'>[number]
export type App = Answered<'/api/v1/apps', 'get'>[number]

/** The organizations that one belongs to, with one's role in each. */
export const organizationsQuery = queryOptions({
  queryKey: ['organizations'],
  queryFn: ({ signal }) => answer(api.GET('/api/v1/organizations', { signal })),
  staleTime: 60_000,
})

/** The apps of all one's organizations, with one's role in each. */
export const appsQuery = queryOptions({
  queryKey: ['apps'],
  queryFn: ({ signal }) => answer(api.GET('/api/v1/apps', { signal })),
  staleTime: 60_000,
})

/** An event arrives within a second or two; asked this often, the first one is seen within five. */
const freshEvery = 3_000
const catalogEvery = 30_000

/** The app's event types, the most frequent first; asked often while there are none, to catch the first. */
export const eventTypesQuery = (app: string) =>
  queryOptions({
    queryKey: ['event-types', app],
    queryFn: async ({ signal }) => {
      const types = await answer(api.GET('/api/v1/analytics/event-types', { params: { query: { app_id: app } }, signal }))
      return types.toSorted((a, b) => b.count - a.count)
    },
    enabled: app !== '',
    refetchInterval: ({ state }) => (state.data?.length === 0 ? freshEvery : catalogEvery),
  })
