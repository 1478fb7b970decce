import { useQuery } from '@tanstack/react-query'
import { KeyRound, MoreHorizontal, Plus } from 'lucide-react'
import { useState } from 'react'
import { formatAgo, formatDate, formatMoment } from '@/shared/format/dates'
import { isAdmin, roleOf, withArticle } from '@/shared/workspace/roles'
import { Badge } from '@/shared/ui/badge'
import { Button } from '@/shared/ui/button'
import { DropdownMenu, DropdownMenuContent, DropdownMenuItem, DropdownMenuTrigger } from '@/shared/ui/dropdown-menu'
import { Notice } from '@/shared/ui/notice'
import { Failed, ListSkeleton, NeedsRole, Panel, Section } from '@/shared/ui/page'
import { AppFrame } from './app-frame'
import { keysQuery, type ApiKey } from './apps.queries'
import { CreateKeyDialog, RevokeKeyDialog, RotateKeyDialog } from './key-dialogs'

/** An app's API keys, for its admins. */
export function ApiKeysPage({ id }: { id: string }) {
  return (
    <AppFrame id={id} part="API keys">
      {(app) =>
        isAdmin(app) ? (
          <ApiKeys app={id} />
        ) : (
          <NeedsRole title="API keys need the role admin">
            You are {withArticle(roleOf(app.role))} of {app.name}. Ask an admin of it for a key.
          </NeedsRole>
        )
      }
    </AppFrame>
  )
}

type Open = { what: 'create' } | { what: 'rotate' | 'revoke'; key: ApiKey }

function ApiKeys({ app }: { app: string }) {
  const keys = useQuery(keysQuery(app))
  const [open, setOpen] = useState<Open>()
  const close = () => setOpen(undefined)
  const create = (
    <Button onClick={() => setOpen({ what: 'create' })}>
      <Plus aria-hidden />
      New key
    </Button>
  )
  return (
    <Section title="API keys" description="A key lets a program write events of this app, and nothing else." action={keys.data && keys.data.length > 0 && create}>
      {keys.data === undefined ? (
        keys.isError ? (
          <Failed what="The keys" error={keys.error} onRetry={() => void keys.refetch()} />
        ) : (
          <ListSkeleton label="Loading the keys" />
        )
      ) : keys.data.length === 0 ? (
        <Panel>
          <Notice title="No keys yet" icon={<KeyRound />} action={create}>
            Create one to send the first event.
          </Notice>
        </Panel>
      ) : (
        <Panel>
          <ul className="divide-y divide-border">
            {keys.data.map((key) => (
              <KeyRow
                key={key.id}
                apiKey={key}
                successor={keys.data.find((each) => each.id === key.replaced_by)}
                onRotate={() => setOpen({ what: 'rotate', key })}
                onRevoke={() => setOpen({ what: 'revoke', key })}
              />
            ))}
          </ul>
        </Panel>
      )}
      {open?.what === 'create' && <CreateKeyDialog app={app} onClose={close} />}
      {open?.what === 'rotate' && <RotateKeyDialog app={app} apiKey={open.key} onClose={close} />}
      {open?.what === 'revoke' && <RevokeKeyDialog app={app} apiKey={open.key} onClose={close} />}
    </Section>
  )
}

const states: Record<string, { label: string; tone: 'success' | 'warning' | 'neutral' | 'danger' }> = {
  active: { label: 'Active', tone: 'success' },
  expiring: { label: 'Expiring', tone: 'warning' },
  expired: { label: 'Expired', tone: 'neutral' },
  revoked: { label: 'Revoked', tone: 'neutral' },
}

function KeyRow(props: { apiKey: ApiKey; successor: ApiKey | undefined; onRotate: () => void; onRevoke: () => void }) {
  const { apiKey: key, successor } = props
  const state = states[key.state] ?? { label: key.state, tone: 'neutral' as const }
  const works = key.state === 'active' || key.state === 'expiring'
  const now = new Date()
  return (
    <li className="flex items-start gap-3 px-4 py-3">
      <div className="grid min-w-0 flex-1 gap-x-6 md:grid-cols-[minmax(0,1fr)_10.5rem_minmax(0,1fr)]">
        <div className="min-w-0">
          <p className="flex items-center gap-2">
            <span className="truncate font-medium">{key.name}</span>
            <Badge tone={state.tone}>{state.label}</Badge>
          </p>
          <code className="font-mono text-code text-muted-foreground">{key.prefix}…</code>
        </div>
        <div className="min-w-0 text-muted-foreground">
          <p>
            {key.last_used_at ? (
              <>
                Used{' '}
                <time dateTime={key.last_used_at} title={formatMoment(key.last_used_at)}>
                  {formatAgo(new Date(key.last_used_at), now)}
                </time>
              </>
            ) : (
              'Never used'
            )}
          </p>
          <p>Created {formatDate(key.created_at)}</p>
        </div>
        <div className="min-w-0 text-muted-foreground">
          <p>{endOf(key)}</p>
          <p className="truncate">{successor ? `Replaced by ${successor.name}` : key.created_by && `By ${key.created_by}`}</p>
        </div>
      </div>
      {works ? (
        <DropdownMenu>
          <DropdownMenuTrigger asChild>
            <Button variant="ghost" size="tiny" aria-label={`Actions for ${key.name}`}>
              <MoreHorizontal aria-hidden />
            </Button>
          </DropdownMenuTrigger>
          <DropdownMenuContent>
            {!key.replaced_by && <DropdownMenuItem onSelect={props.onRotate}>Rotate…</DropdownMenuItem>}
            <DropdownMenuItem onSelect={props.onRevoke} className="text-danger">
              Revoke…
            </DropdownMenuItem>
          </DropdownMenuContent>
        </DropdownMenu>
      ) : (
        <span aria-hidden className="w-7" />
      )}
    </li>
  )
}

function endOf(key: ApiKey) {
  if (key.revoked_at) return `Revoked ${formatMoment(key.revoked_at)}`
  if (key.expires_at) return `${key.state === 'expired' ? 'Expired' : 'Expires'} ${formatMoment(key.expires_at)}`
  return 'Does not expire'
}
