import { useQuery } from '@tanstack/react-query'
import { Server } from 'lucide-react'
import { formatAgoLive, formatMoment } from '@/shared/format/dates'
import { formatBytes, formatDuration } from '@/shared/format/numbers'
import { Alert } from '@/shared/ui/alert'
import { Badge } from '@/shared/ui/badge'
import { Notice } from '@/shared/ui/notice'
import { Failed, ListSkeleton, Panel } from '@/shared/ui/page'
import { useNow } from '@/shared/ui/use-now'
import { formatFigure } from './figures'
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
      <dl className="grid content-start gap-x-4 gap-y-1 @xl:grid-cols-[6rem_minmax(0,1fr)]">
        {Object.entries(host.status)
          .toSorted(([a], [b]) => a.localeCompare(b))
          .map(([module, figures]) => (
            <div key={module} className="contents">
              <dt className="text-muted-foreground first-letter:uppercase">{module}</dt>
              <dd className="min-w-0">{module === 'spool' ? <Spool figures={figures} /> : <Figures figures={figures} />}</dd>
            </div>
          ))}
      </dl>
    </li>
  )
}

type FiguresOf = Host['status'][string]

function Figures({ figures }: { figures: FiguresOf }) {
  return (
    <ul className="flex flex-wrap gap-x-4 tabular-nums">
      {Object.entries(figures).map(([name, value]) => {
        const { label, text } = formatFigure(name, value)
        return (
          <li key={name}>
            <span className="text-muted-foreground">{label}</span> {text}
          </li>
        )
      })}
    </ul>
  )
}

/** What waits on this host's disk for the broker, and how much room is left for more. */
function Spool({ figures }: { figures: FiguresOf }) {
  const { bytes = 0, full_bytes: full = 0, ...rest } = figures
  const used = full > 0 ? bytes / full : 0
  return (
    <div className="space-y-1">
      <p className="flex flex-wrap items-center gap-x-2 tabular-nums">
        {formatBytes(bytes)}
        {full > 0 && <span className="text-muted-foreground">of {formatBytes(full)}</span>}
        {used >= 0.8 && <Badge tone={used >= 1 ? 'danger' : 'warning'}>{used >= 1 ? 'Full' : 'Nearly full'}</Badge>}
      </p>
      {bytes > 0 && <Figures figures={rest} />}
    </div>
  )
}
