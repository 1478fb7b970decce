import { useQuery } from '@tanstack/react-query'
import { AppWindow, CloudOff, SearchX, Terminal } from 'lucide-react'
import { useEffect, type ReactNode } from 'react'
import { browserZone } from '@/shared/format/dates'
import { Button } from '@/shared/ui/button'
import { Combobox } from '@/shared/ui/combobox'
import { Notice } from '@/shared/ui/notice'
import { Skeleton } from '@/shared/ui/skeleton'
import { effectiveInterval } from './range'
import { FirstEvent } from './first-event'
import { TrendsControls } from './trends-controls'
import { TrendsReport } from './trends-report'
import { rangeOf, showing, shownOf, type TrendsSearch } from './trends-search'
import { appsQuery, eventTypesQuery, type EventType, type Question } from './trends.queries'

/** How many of the most active events a chart begins with. */
const defaultEvents = 3

interface Props {
  search: TrendsSearch
  /** Puts a new state in the URL; `replace` leaves no step for the back button. */
  onSearch: (search: TrendsSearch, options?: { replace: boolean }) => void
}

/** How often events happen over time: what is asked is in the URL, what is absent there gets its default here. */
export function TrendsPage({ search, onSearch }: Props) {
  const apps = useQuery(appsQuery)
  const unknown = search.app !== undefined && apps.data?.some((each) => each.id === search.app) === false
  const app = unknown ? '' : (search.app ?? apps.data?.[0]?.id ?? '')
  const types = useQuery(eventTypesQuery(app))
  const question = questionOf(search, app, types.data)

  // What was chosen for a person goes into the URL too: the link then shows somebody else the same.
  // A granularity that the range refuses is put right there as well.
  const refused = search.interval !== undefined && search.interval !== question?.interval
  const unsettled = question && (!(search.app && search.event && search.tz) || refused) && (search.event ?? question.events).length > 0
  useEffect(() => {
    if (unsettled)
      onSearch({ ...search, app, event: question.events, tz: question.zone, ...(refused ? { interval: question.interval } : {}) }, { replace: true })
  })
  const open = (next: string) => onSearch({ ...search, app: next, event: undefined, ...showing(undefined) })
  const name = apps.data?.find((each) => each.id === app)?.name ?? app

  return (
    <div className="mx-auto w-full max-w-7xl space-y-4 px-3 py-5 sm:px-6">
      <title>{['Trends', name, 'Causality'].filter(Boolean).join(' · ')}</title>
      <header className="flex flex-wrap items-center justify-between gap-3">
        <h1 className="text-xl font-semibold tracking-tight">Trends</h1>
        {app && (
          <Combobox
            label="App"
            value={app}
            options={(apps.data ?? []).map(({ id, name }) => ({ value: id, label: name, ...(id === name ? {} : { hint: id }) }))}
            onChange={open}
            icon={<AppWindow className="text-muted-foreground" aria-hidden />}
            className="max-w-48"
          />
        )}
      </header>
      {apps.isError && !apps.data ? (
        <Failed what="The apps" error={apps.error} onRetry={() => void apps.refetch()} />
      ) : apps.data?.length === 0 ? (
        <Panel>
          <Notice title="There is no app yet" icon={<Terminal />}>
            Create one and its first API key on the server: <code className="font-mono">./causality keys create --app NAME</code>
          </Notice>
        </Panel>
      ) : unknown ? (
        <Panel>
          <Notice
            title={`There is no app ${search.app}`}
            icon={<SearchX />}
            action={
              <div className="flex flex-wrap justify-center gap-2">
                {apps.data?.map(({ id, name }) => (
                  <Button key={id} variant="outline" onClick={() => open(id)}>
                    {name}
                  </Button>
                ))}
              </div>
            }
          >
            The link may be old or mistyped. These are there:
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
          <TrendsControls search={search} question={question} types={types.data} onSearch={onSearch} onCatalog={() => void types.refetch()} />
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
function questionOf(search: TrendsSearch, app: string, types: readonly EventType[] | undefined): Question | undefined {
  if (!app || !types) return undefined
  const range = rangeOf(search)
  return {
    app,
    events: search.event ?? types.slice(0, defaultEvents).map((type) => type.event_type),
    range,
    interval: effectiveInterval(search.interval, range),
    breakdown: search.breakdown,
    zone: search.tz ?? browserZone(),
  }
}

function Panel({ children }: { children: ReactNode }) {
  return <div className="rounded-xl border border-border bg-surface">{children}</div>
}

function Failed(props: { what: string; error: Error; onRetry: () => void }) {
  return (
    <Panel>
      <Notice role="alert" title={`${props.what} could not be loaded`} icon={<CloudOff />} action={<Button onClick={props.onRetry}>Try again</Button>}>
        {props.error.message}
      </Notice>
    </Panel>
  )
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
