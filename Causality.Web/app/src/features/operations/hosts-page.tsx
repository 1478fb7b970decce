import { useQuery } from '@tanstack/react-query'
import { Server } from 'lucide-react'
import { formatAgoLive, formatMoment } from '@/shared/format/dates'
import { formatDuration } from '@/shared/format/numbers'
import { Alert } from '@/shared/ui/alert'
import { Badge } from '@/shared/ui/badge'
import { Notice } from '@/shared/ui/notice'
import { Failed, ListSkeleton, Panel } from '@/shared/ui/page'
import { useNow } from '@/shared/ui/use-now'
import { HostStatus } from './host-status'
import { OperationsFrame } from './operations-frame'
import { hostsQuery, type Host } from './operations.queries'

/** The processes of the installation: what they are for, whether they live, and how they are. */
export function HostsPage() {
  return (
    <OperationsFrame part="Hosts">
      <Hosts />
    </OperationsFrame>
  )
}

function Hosts() {
  const hosts = useQuery(hostsQuery)
  if (!hosts.data) return hosts.isError ? <Failed what="The hosts" error={hosts.error} onRetry={() => void hosts.refetch()} /> : <ListSkeleton rows={2} label="Loading the hosts" />
  if (hosts.data.length === 0)
    return (
      <Panel>
        <Notice role="status" title="No host has told of itself yet" icon={<Server />}>
          Each does every two seconds, once it has started.
        </Notice>
      </Panel>
    )
  const versions = new Set(hosts.data.filter((host) => host.alive).map((host) => host.version))
  return (
    <div className="space-y-4">
      {hosts.isError && <Alert>The list is not up to date: {hosts.error.message}</Alert>}
      {versions.size > 1 && <Alert tone="warning">Hosts of different versions run together: {[...versions].toSorted().join(', ')}. Bring all of them to the latest.</Alert>}
      <Panel>
        <ul aria-label="Hosts" className="@container divide-y divide-border">
          {hosts.data.map((host) => (
            <HostRow key={host.id} host={host} />
          ))}
        </ul>
      </Panel>
      <p className="text-xs text-muted-foreground">A host that was killed stays in the list for a day.</p>
    </div>
  )
}

function HostRow({ host }: { host: Host }) {
  const now = useNow(1_000)
  return (
    <li className="grid gap-x-6 gap-y-3 px-4 py-3 @3xl:grid-cols-[minmax(0,18rem)_minmax(0,1fr)]">
      <div className="min-w-0 space-y-1">
        <p className="flex flex-wrap items-center gap-2">
          <span className="min-w-0 font-medium break-all">{host.name}</span>
          <Badge tone={host.alive ? 'success' : 'danger'}>{host.alive ? 'Alive' : 'Gone'}</Badge>
        </p>
        <ul aria-label={`Roles of ${host.name}`} className="flex flex-wrap gap-1">
          {host.roles.map((role) => (
            <li key={role}>
              <Badge>{role}</Badge>
            </li>
          ))}
        </ul>
        <p className="text-xs text-muted-foreground tabular-nums">
          Version {host.version} ·{' '}
          {host.alive ? (
            <span title={formatMoment(host.started_at)}>up for {formatDuration((now.getTime() - new Date(host.started_at).getTime()) / 1000)}</span>
          ) : (
            <span title={formatMoment(host.seen_at)}>last seen {formatAgoLive(new Date(host.seen_at), now)}</span>
          )}
        </p>
      </div>
      <HostStatus host={host} />
    </li>
  )
}
