import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { answer, api, type Answered } from '@/shared/api'
import type { DeadLettersSearch } from './dead-letters-search'

export type LetterGroup = Answered<'/api/v1/operations/dead-letters', 'get'>['groups'][number]
export type Letter = Answered<'/api/v1/operations/dead-letters/letters', 'get'>['letters'][number]

/** Which open letters are meant: these, or all with a reason that were there when the figures were taken; of one app, or of all. */
export type LetterSelection = ({ ids: string[] } | { reason: string; before: string }) & { app_id?: string }

/** Their sums are of the whole table, so less often than a host tells of itself. */
const refreshEvery = 5_000
const pageSize = 20

/** Of all that a decision on some letters changes. */
export const deadLettersKey = ['dead-letters'] as const

export const deadLettersQuery = queryOptions({
  queryKey: [...deadLettersKey, 'groups'],
  queryFn: ({ signal }) => answer(api.GET('/api/v1/operations/dead-letters', { signal })),
  refetchInterval: refreshEvery,
})

/** The letters with a reason, the newest first, page after page. Who has read on is not moved by what arrives. */
export const lettersQuery = ({ reason, app_id, state }: DeadLettersSearch) =>
  infiniteQueryOptions({
    queryKey: [...deadLettersKey, 'letters', reason, app_id, state ?? 'open'],
    queryFn: ({ signal, pageParam }) =>
      answer(
        api.GET('/api/v1/operations/dead-letters/letters', {
          params: { query: { ...(reason ? { reason } : {}), ...(app_id ? { app_id } : {}), state: state ?? 'open', limit: pageSize, ...(pageParam ? { before: pageParam } : {}) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 1 ? false : refreshEvery),
  })

export const letterQuery = (id: string) =>
  queryOptions({
    queryKey: [...deadLettersKey, 'letter', id],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/operations/dead-letters/letters/{letter_id}', { params: { path: { letter_id: id } }, signal })),
  })

export const letterBodyUrl = (id: string) => `/api/v1/operations/dead-letters/letters/${id}/body`

/** Sends letters again; answers how many, and the events that they stand for. */
export const replayLetters = async (which: LetterSelection) => {
  const { replayed, events } = await answer(api.POST('/api/v1/operations/dead-letters/replay', { body: which }))
  return { letters: replayed, events }
}

/** Gives letters up for good. */
export const discardLetters = async (which: LetterSelection) => {
  const { discarded, events } = await answer(api.POST('/api/v1/operations/dead-letters/discard', { body: which }))
  return { letters: discarded, events }
}
