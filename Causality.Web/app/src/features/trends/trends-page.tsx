import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { AppWindow, SearchX } from 'lucide-react'
import { useEffect } from 'react'
import { isAdmin } from '@/shared/workspace/roles'
import { useWorkspace } from '@/shared/workspace/workspace'
import { eventTypesQuery, type App } from '@/shared/workspace/workspace.queries'
import { Button, buttonStyle } from '@/shared/ui/button'
import { Notice } from '@/shared/ui/notice'
import { Failed, Panel } from '@/shared/ui/page'
import { Skeleton } from '@/shared/ui/skeleton'
import { effectiveInterval } from './range'
import { FirstEvent } from './first-event'
import { TrendsControls } from './trends-controls'
import { TrendsReport } from './trends-report'
import { rangeOf, showing, shownOf, type TrendsSearch } from './trends-search'
import type { EventType, Question } from './trends.queries'

/** How many of the most active events a chart begins with. */
const defaultEvents = 3

interface Props {
  search: TrendsSearch
  /** Puts a new state in the URL; `replace` leaves no step for the back button. */
  onSearch: (search: TrendsSearch, options?: { replace: boolean }) => void
}

/** How often events happen over time: what is asked is in the URL, what is absent there gets its default here. */
export function TrendsPage({ search, onSearch }: Props) {
  const { organization, apps, app: current } = useWorkspace()
  const unknown = search.app !== undefined && !apps.some((each) => each.id === search.app)
  const app = unknown ? undefined : current
  const types = useQuery(eventTypesQuery(app?.id ?? ''))
  const question = questionOf(search, app, types.data)

  // What was chosen for a person goes into the URL too: the link then shows somebody else the same.
  // A granularity that the range refuses is put right there as well.
  const refused = search.interval !== undefined && search.interval !== question?.interval
  const unsettled = question && (!(search.app && search.event && search.tz) || refused) && (search.event ?? question.events).length > 0
  useEffect(() => {
    if (unsettled)
      onSearch({ ...search, app: question.app, event: question.events, tz: question.zone, ...(refused ? { interval: question.interval } : {}) }, { replace: true })
  })
  const open = (next: string) => onSearch({ ...search, app: next, event: undefined, ...showing(undefined) })

  return (
    <div className="mx-auto w-full max-w-7xl space-y-4 px-4 py-6 sm:px-6">
      <title>{['Trends', app?.name, 'Causality'].filter(Boolean).join(' · ')}</title>
      <h1 tabIndex={-1} className="text-xl font-semibold tracking-tight outline-none">
        Trends
      </h1>
      {!organization ? (
        <Panel>
          <Notice title="You belong to no organization" icon={<SearchX />}>
            Create one in the menu on the left, or ask for an invitation.
          </Notice>
        </Panel>
      ) : unknown ? (
        <Panel>
          <Notice
            title={`There is no app ${search.app}`}
            icon={<SearchX />}
            action={
              <div className="flex flex-wrap justify-center gap-2">
                {apps.map(({ id, name }) => (
                  <Button key={id} variant="outline" onClick={() => open(id)}>
                    {name}
                  </Button>
                ))}
              </div>
            }
          >
            The link may be old or mistyped.{apps.length > 0 && ' These are there:'}
          </Notice>
        </Panel>
      ) : !app ? (
        <Panel>
          <Notice
            title="There is no app yet"
            icon={<AppWindow />}
            action={
              isAdmin(organization) && (
                <Link to="/apps/new" className={buttonStyle()}>
                  Create your first app
                </Link>
              )
            }
          >
            {isAdmin(organization) ? 'An app is what sends events: a site, a mobile app, a service.' : 'Only an admin of the organization can create one.'}
          </Notice>
        </Panel>
      ) : types.isError && !types.data ? (
        <Failed what="The events" error={types.error} onRetry={() => void types.refetch()} />
      ) : question === undefined || types.data === undefined ? (
        <PageSkeleton />
      ) : types.data.length === 0 && question.events.length === 0 ? (
        <Panel>
          <FirstEvent app={app} />
        </Panel>
      ) : (
        <>
          <TrendsControls search={search} question={question} types={types.data} appZone={app.time_zone} onSearch={onSearch} onCatalog={() => void types.refetch()} />
          <TrendsReport
            question={question}
            types={types.data}
            show={shownOf(search)}
            onShow={(show) => onSearch({ ...search, ...showing(show) }, { replace: true })}
            onNews={() => void types.refetch()}
          />
        </>
      )}
    </div>
  )
}

/** The question of a URL, once it is known which events an app has. */
function questionOf(search: TrendsSearch, app: App | undefined, types: readonly EventType[] | undefined): Question | undefined {
  if (!app || !types) return undefined
  const range = rangeOf(search)
  return {
    app: app.id,
    events: search.event ?? types.slice(0, defaultEvents).map((type) => type.event_type),
    range,
    interval: effectiveInterval(search.interval, range),
    breakdown: search.breakdown,
    zone: search.tz ?? app.time_zone,
  }
}

function PageSkeleton() {
  return (
    <div role="status" aria-label="Loading" className="space-y-4">
      <Skeleton className="h-9 w-full max-w-lg" />
      <Skeleton className="h-9 w-full max-w-2xl" />
      <Skeleton className="h-96 w-full rounded-xl" />
    </div>
  )
}
