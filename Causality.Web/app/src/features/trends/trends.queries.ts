import { queryOptions } from '@tanstack/react-query'
import { answer, api, type paths } from '@/shared/api'
import { boundsOf, includesNow, type Interval, type Range } from './range'

type TrendsPath = paths['/api/v1/analytics/trends']['post']
export type TrendsRequest = TrendsPath['requestBody']['content']['application/json']
export type TrendsAnswer = TrendsPath['responses'][200]['content']['application/json']
export type TrendSeries = TrendsAnswer['series'][number]
export type EventType = paths['/api/v1/analytics/event-types']['get']['responses'][200]['content']['application/json'][number]

/** An event is stored within a second or two; asked this often, it is on the chart within five. */
const freshEvery = 3_000

/** Everything that decides an answer. The range stays as it was chosen, so that "last 7 days" moves on with the clock. */
export interface Question {
  app: string
  events: string[]
  range: Range
  interval: Interval
  breakdown: string | undefined
  zone: string
}

export function requestFor(question: Question, now: Date): TrendsRequest {
  const { app, events, range, interval, breakdown, zone } = question
  return {
    app_id: app,
    series: events.map((event_type) => ({ event_type })),
    ...boundsOf(range, interval, zone, now),
    interval,
    ...(breakdown ? { breakdown } : {}),
    time_zone: zone,
  }
}

/** The answer, asked again while its range includes now; the last one for the same app stays until the next is there. */
export const trendsQuery = (question: Question) =>
  queryOptions({
    queryKey: ['trends', question.app, question],
    queryFn: ({ signal }) => answer(api.POST('/api/v1/analytics/trends', { body: requestFor(question, new Date()), signal })),
    enabled: question.app !== '' && question.events.length > 0,
    placeholderData: (previous, query) => (query?.queryKey[1] === question.app ? previous : undefined),
    refetchInterval: () => includesNow(question.range, question.zone, new Date()) && freshEvery,
  })
