import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { MonitorSmartphone } from 'lucide-react'
import { formatAgo, formatDate, formatMoment } from '@/shared/format/dates'
import { Badge } from '@/shared/ui/badge'
import { Button } from '@/shared/ui/button'
import { Failed, ListSkeleton, Panel } from '@/shared/ui/page'
import { toast } from '@/shared/ui/toast'
import { endSession, sessionsQuery, type Session } from './profile.queries'
import { deviceOf } from './device'

/** Where one is signed in, each to be signed out. */
export function Sessions() {
  const sessions = useQuery(sessionsQuery)
  if (!sessions.data)
    return sessions.isError ? (
      <Failed what="The sessions" error={sessions.error} onRetry={() => void sessions.refetch()} />
    ) : (
      <ListSkeleton rows={2} label="Loading the sessions" />
    )
  const ordered = sessions.data.toSorted((a, b) => Number(b.current) - Number(a.current) || Date.parse(b.last_seen_at) - Date.parse(a.last_seen_at))
  return (
    <Panel>
      <ul aria-label="Sessions" className="divide-y divide-border">
        {ordered.map((session) => (
          <SessionRow key={session.id} session={session} />
        ))}
      </ul>
    </Panel>
  )
}

function SessionRow({ session }: { session: Session }) {
  const queryClient = useQueryClient()
  const device = deviceOf(session.user_agent)
  const end = useMutation({
    mutationFn: () => endSession(session.id),
    onSuccess: async () => {
      toast({ title: `${device} is signed out` })
      await queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey })
    },
    onError: (error) => toast({ title: 'The session was not ended', description: error.message, tone: 'danger' }),
  })
  return (
    <li className="flex items-center gap-3 px-4 py-3">
      <MonitorSmartphone className="size-5 shrink-0 text-muted-foreground" aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 font-medium">
          <span title={session.user_agent ?? undefined}>{device}</span>
          {session.current && <Badge tone="success">This one</Badge>}
        </p>
        <p className="flex flex-wrap gap-x-3 text-muted-foreground">
          {session.address && <span>{session.address}</span>}
          <span>
            Seen <time dateTime={session.last_seen_at} title={formatMoment(session.last_seen_at)}>{formatAgo(new Date(session.last_seen_at), new Date())}</time>
          </span>
          <span>Since {formatDate(session.created_at)}</span>
        </p>
      </div>
      {!session.current && (
        <Button variant="outline" size="small" disabled={end.isPending} aria-label={`Sign out ${device}`} onClick={() => end.mutate()}>
          Sign out
        </Button>
      )}
    </li>
  )
}
