import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CircleCheck } from 'lucide-react'
import { useState } from 'react'
import { formatAgoLive } from '@/shared/format/dates'
import { eventTypesQuery } from '@/shared/workspace/workspace.queries'
import { Alert } from '@/shared/ui/alert'
import { Button, buttonStyle } from '@/shared/ui/button'
import { Skeleton } from '@/shared/ui/skeleton'
import { useNow } from '@/shared/ui/use-now'

/** Waits for an app's first event and says when it is there, without a reload. */
export function FirstEventWatch({ app }: { app: string }) {
  const types = useQuery(eventTypesQuery(app))
  const now = useNow(1_000)
  // an app that had events when one came here has not just received its first
  const [waited, setWaited] = useState(false)
  if (types.data?.length === 0 && !waited) setWaited(true)
  if (!types.data)
    return types.isError ? (
      <Alert
        action={
          <Button variant="outline" size="small" className="text-foreground" onClick={() => void types.refetch()}>
            Try again
          </Button>
        }
      >
        Whether events arrive could not be asked: {types.error.message}
      </Alert>
    ) : (
      <Skeleton className="h-14" />
    )
  const newest = types.data.toSorted((a, b) => Date.parse(b.last_seen) - Date.parse(a.last_seen))[0]
  return (
    <div role="status" className="flex min-h-14 flex-wrap items-center gap-x-3 gap-y-2 rounded-lg border border-border bg-surface px-4 py-2">
      {newest ? (
        <>
          <CircleCheck className="size-5 shrink-0 text-success" aria-hidden />
          <p className="min-w-0 flex-1 break-words">
            {waited ? 'First event received: ' : 'Events arrive. The last: '}
            <strong className="font-medium">{newest.event_type}</strong>,{' '}
            {/* each second would be read out otherwise */}
            <span aria-live="off" className="text-muted-foreground tabular-nums">
              {formatAgoLive(new Date(newest.last_seen), now)}
            </span>
          </p>
          <Link to="/trends" search={{ app }} className={buttonStyle({ variant: waited ? 'primary' : 'outline' })}>
            Open Trends
          </Link>
        </>
      ) : (
        <>
          <span className="grid size-5 shrink-0 place-items-center" aria-hidden>
            <span className="size-2.5 animate-pulse rounded-full bg-primary" />
          </span>
          <p className="min-w-0 flex-1">
            Waiting for the first event… <span className="text-muted-foreground">It shows here by itself.</span>
          </p>
        </>
      )}
    </div>
  )
}
