import { useQuery } from '@tanstack/react-query'
import { SearchX } from 'lucide-react'
import { useWorkspace } from '@/shared/workspace/workspace'
import type { App } from '@/shared/workspace/workspace.queries'
import { Alert } from '@/shared/ui/alert'
import { Notice } from '@/shared/ui/notice'
import { Failed, ListSkeleton, Page, Panel, Section } from '@/shared/ui/page'
import { Skeleton } from '@/shared/ui/skeleton'
import { LedgerTable } from './ledger-table'
import { MinutesChart } from './minutes-chart'
import { flowQuery, ledgerByHourQuery, ledgerQuery } from './pipeline.queries'
import { Stages } from './stages'

/** How an app's events travel: received, in flight, stored, in the lake; how soon; and whether the books balance. */
export function PipelinePage({ named }: { named: string | undefined }) {
  const { apps, app: current } = useWorkspace()
  const app = named === undefined || apps.some((each) => each.id === named) ? current : undefined
  return (
    <Page wide title="Pipeline" documentTitle={['Pipeline', app?.name]} description={app && `From the request to the lake: where the events of ${app.name} are just now.`}>
      {app ? (
        <Watched key={app.id} app={app} />
      ) : (
        <Panel>
          <Notice title={named ? `There is no app ${named}` : 'There is no app yet'} icon={<SearchX />}>
            {named ? 'The link may be old or mistyped.' : 'What an app sends will be watched here.'}
          </Notice>
        </Panel>
      )}
    </Page>
  )
}

function Watched({ app }: { app: App }) {
  const ledger = useQuery(ledgerQuery(app.id))
  const flow = useQuery(flowQuery(app.id))
  const hours = useQuery(ledgerByHourQuery(app.id))
  if (!ledger.data || !flow.data) {
    const failure = ledger.error ?? flow.error
    return failure ? <Failed what="The pipeline" error={failure} onRetry={() => void Promise.all([ledger.refetch(), flow.refetch()])} /> : <PageSkeleton />
  }
  const stale = ledger.error ?? flow.error
  return (
    <>
      {stale && <Alert>What you see is not up to date: {stale.message}</Alert>}
      <Stages ledger={ledger.data} flow={flow.data} at={ledger.dataUpdatedAt} />
      <Section title="The last hour" description="What was stored in each minute, and how long it took from receipt until it could be asked.">
        <MinutesChart flow={flow.data} zone={app.time_zone} />
      </Section>
      <Section title="Ledger" description="Hour by hour of receipt. Accepted is the sum of all others; when it is not, an event was lost or counted twice.">
        {hours.data?.hours ? (
          <LedgerTable hours={hours.data.hours} zone={app.time_zone} />
        ) : hours.isError ? (
          <Failed what="The ledger" error={hours.error} onRetry={() => void hours.refetch()} />
        ) : (
          <ListSkeleton label="Loading the ledger" />
        )}
      </Section>
    </>
  )
}

function PageSkeleton() {
  return (
    <div role="status" aria-label="Loading the pipeline" className="space-y-6">
      <div className="grid gap-3 sm:grid-cols-2 xl:grid-cols-4">
        {[0, 1, 2, 3].map((stage) => (
          <Skeleton key={stage} className="h-32 rounded-xl" />
        ))}
      </div>
      <Skeleton className="h-64 rounded-xl" />
    </div>
  )
}
